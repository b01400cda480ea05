import { type Command, InvalidArgumentError, Option } from "commander";
import { loadConfig } from "../../infrastructure/config/load.ts";
import { type Config, type SettingName, settings } from "../../infrastructure/config/schema.ts";

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const booleans: readonly SettingName[] = [
  "ephemeral",
  "requirePkce",
  "allowPublicClients",
  "enableSlidingExpiration",
  "bindTokens",
  "rateLimit",
  "demo",
  "demoOnNetwork",
  "clientDocuments",
  "mcp",
  "requireBearer",
  "worker",
  "secureCookie",
];

/** Not as a flag: everybody on the machine sees the arguments of a process. */
const neverFlags: readonly SettingName[] = ["masterKey", "initialAccessToken"];

/** What a command needs to find the data of a server, and what every command may be given. */
export const dataSettings: readonly SettingName[] = [
  "dataDir",
  "eventstoreUrl",
  "redisUrl",
  "masterKeyFile",
  "issuer",
  "port",
  "logLevel",
];

/** Every setting that may be a flag. */
export const allSettings = (Object.keys(settings) as SettingName[]).filter(
  (name) => !neverFlags.includes(name),
);

/** What a setting is, and what it is where nobody sets it. */
function describe(name: SettingName): string {
  const unset: unknown = settings[name].safeParse(undefined).data;
  const isTold = typeof unset === "string" || typeof unset === "number" || typeof unset === "boolean";
  const text = settings[name].description ?? "";
  return isTold ? `${text} (default: ${unset === true ? "yes" : unset === false ? "no" : unset})` : text;
}

/** Adds a flag for each setting, and `--config` for the file. */
export function addSettings(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) {
    const flag = booleans.includes(name) ? `--${kebab(name)} [yes|no]` : `--${kebab(name)} <value>`;
    command.addOption(new Option(flag, describe(name)).env(`DACAPO_${envName(name)}`));
  }
  return command.option("--config <file>", "JSON file of settings");
}

const envName = (name: string): string => kebab(name).replaceAll("-", "_").toUpperCase();

/** The configuration that a command line means. @throws {ConfigurationError} */
export function configOf(command: Command, extra: Readonly<Record<string, unknown>> = {}): Config {
  const given = command.optsWithGlobals();
  const flags = Object.fromEntries(
    Object.entries(given).filter(
      ([name]) => name in settings && command.getOptionValueSourceWithGlobals(name) === "cli",
    ),
  );
  return loadConfig({ flags: { ...extra, ...flags }, env: process.env, file: given.config });
}

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
