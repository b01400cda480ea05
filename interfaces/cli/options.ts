import { type Command, InvalidArgumentError, Option } from "commander";
import { type ConfigurationSources, loadConfig } from "../../infrastructure/config/load.ts";
import { configVariable, environmentName, groupOf, kebab } from "../../infrastructure/config/names.ts";
import { type Config, type SettingName, settingNames, settings } from "../../infrastructure/config/schema.ts";

/** Not as a flag: everybody on the machine sees the arguments of a process. */
const neverFlags: readonly SettingName[] = ["masterKey", "initialAccessToken"];

/** What a command needs to find the data of a server, and what every command may be given. */
export const dataSettings: readonly SettingName[] = [
  "dataDir",
  "eventstoreUrl",
  "redisUrl",
  "redisCaFile",
  "redisCertFile",
  "redisKeyFile",
  "masterKeyFile",
  "issuer",
  "port",
  "logLevel",
];

/** Every setting that may be a flag. */
export const allSettings = settingNames.filter((name) => !neverFlags.includes(name));

const isBoolean = (name: SettingName): boolean => settings[name].safeParse(true).success;

/** The flag of a setting, with what stands behind it. */
export const flagOf = (name: SettingName): string =>
  `--${kebab(name)} ${isBoolean(name) ? "[yes|no]" : "<value>"}`;

/** What a setting is, and what it is where nobody sets it. */
function describe(name: SettingName): string {
  const unset: unknown = settings[name].safeParse(undefined).data;
  const isTold = typeof unset === "string" || typeof unset === "number" || typeof unset === "boolean";
  const text = settings[name].description ?? "";
  return isTold ? `${text} (default: ${unset === true ? "yes" : unset === false ? "no" : unset})` : text;
}

const headings = {
  oauth: "OAuth:",
  session: "Sessions:",
  network: "Network:",
  server: "Server:",
  storage: "Storage:",
};

/** Adds a flag for each setting, and `--config` for the file; where they are all there, by their groups. */
export function addSettings(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) {
    const option = new Option(flagOf(name), describe(name)).env(environmentName(name));
    command.addOption(names === allSettings ? option.helpGroup(headings[groupOf(name)]) : option);
  }
  return command.addOption(new Option("--config <file>", "JSON file of settings").env(configVariable));
}

/** Adds what `serve` may be given. */
export const addServerSettings = (command: Command): Command =>
  addSettings(command, allSettings).addOption(
    new Option("--no-worker", "leave projector and jobs to dacapo worker").helpGroup(headings.server),
  );

/** Where a command line says that its settings come from. */
export function sourcesOf(
  command: Command,
  extra: Readonly<Record<string, unknown>> = {},
): ConfigurationSources {
  const given = command.optsWithGlobals();
  const flags = Object.fromEntries(
    Object.entries(given).filter(
      ([name]) => name in settings && command.getOptionValueSourceWithGlobals(name) === "cli",
    ),
  );
  // A variable that is empty says nothing.
  const isUnset = given.config === "" && command.getOptionValueSourceWithGlobals("config") === "env";
  return { flags: { ...extra, ...flags }, env: process.env, file: isUnset ? undefined : given.config };
}

/** The configuration that a command line means. @throws {ConfigurationError} */
export const configOf = (command: Command, extra: Readonly<Record<string, unknown>> = {}): Config =>
  loadConfig(sourcesOf(command, extra));

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration such as 90s, 30m, 24h or 7d, in milliseconds. */
export function duration(text: string): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const factor = units[unit ?? ""];
  if (text === "0") return 0;
  if (amount === undefined || factor === undefined)
    throw new InvalidArgumentError("It must be a duration such as 30m, 24h or 7d.");
  return Number(amount) * factor;
}

/** The option of how long an old secret stays valid. */
export const overlapOption = (): Option =>
  new Option("--overlap <duration>", "how long the old secret stays valid, such as 24h; 0 for not at all")
    .argParser(duration)
    .default(86_400_000, "24h");

/** A list of scopes, by spaces or commas. */
export const scopeList = (text: string): string[] => text.split(/[\s,]+/).filter((scope) => scope !== "");
