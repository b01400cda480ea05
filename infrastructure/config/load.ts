import type { z } from "zod";
import { isLoopbackHost } from "../network/addresses.ts";
import { ConfigurationError, lineOf, type Problem } from "./problem.ts";
import { type Config, type SettingName, settingNames, settings, settingsSchema } from "./schema.ts";
import { shownOf } from "./shown.ts";
import {
  type Given,
  type Reading,
  readEnvironment,
  readFile,
  readFlags,
  readMembers,
  type Values,
} from "./sources.ts";

export { ConfigurationError } from "./problem.ts";

/** What the demo has as its default where that is another one. */
export const demoDefaults = {
  accessTokenExpireMinutes: 60,
  mcp: true,
  requireBearer: false,
  corsOrigins: ["http://localhost:3000", "http://localhost:8080", "http://localhost:6274"],
} satisfies Partial<Record<SettingName, unknown>>;

/** Where settings come from: a flag wins over the environment, that over the file or code, that over the defaults. */
export interface ConfigurationSources {
  readonly flags?: Values;
  readonly env?: NodeJS.ProcessEnv;
  readonly file?: string | undefined;
  readonly code?: Values;
}

/** What a wrong configuration still tells. */
interface Remainder {
  /** The default stands for each setting that is wrong. */
  readonly config: Config;
  /** The settings that are wrong, or of which nobody can tell what was meant. */
  readonly unclear: ReadonlySet<SettingName>;
}

/** The configuration, or all that is wrong with it. */
export type CheckedConfig =
  | { readonly config: Config; readonly problems?: never; readonly remainder?: never }
  | { readonly config?: never; readonly problems: readonly Problem[]; readonly remainder: Remainder };

function problemOf(issue: z.core.$ZodIssue, given: ReadonlyMap<SettingName, Given>): Problem {
  const [name, ...within] = issue.path as [SettingName, ...PropertyKey[]];
  const said = given.get(name);
  const field = [said?.written ?? name, ...within].join(".");
  return { field, ...(said ? { got: shownOf(name, said.value) } : {}), message: issue.message };
}

type Parsed = Omit<Config, "isLocal" | "issuer"> & { issuer?: string | undefined };

function complete(parsed: Parsed, given: Reading["given"]): Config {
  const scheme = parsed.tlsCertFile === undefined ? "http" : "https";
  const issuer = parsed.issuer ?? `${scheme}://localhost:${parsed.port}`;
  const isLocal = isLoopbackHost(parsed.host) && isLoopbackHost(new URL(issuer).hostname);
  const isOpen = parsed.demo && isLocal && !given.has("registration");
  return { ...parsed, issuer, isLocal, registration: isOpen ? "open" : parsed.registration };
}

function readSources({ flags = {}, env = {}, file, code = {} }: ConfigurationSources): Reading {
  const readings = [
    readMembers(code),
    ...(file === undefined ? [] : [readFile(file)]),
    readEnvironment(env),
    readFlags(flags),
  ];
  return {
    given: new Map(readings.flatMap((reading) => [...reading.given])),
    problems: readings.flatMap(({ problems }) => problems),
    unclear: new Set(readings.flatMap(({ unclear }) => [...unclear])),
  };
}

/** Takes each setting by itself, the default for those that are wrong. */
function remainderOf(values: Values, { given, unclear }: Reading): Remainder {
  const wrong = settingNames.filter((name) => !settings[name].safeParse(values[name]).success);
  const right = settingNames.map((name) => [
    name,
    settings[name].safeParse(wrong.includes(name) ? undefined : values[name]).data,
  ]);
  const config = complete(Object.fromEntries(right) as Parsed, given);
  return { config, unclear: new Set([...unclear, ...wrong]) };
}

/** Reads the configuration and checks all of it. */
export function checkConfig(sources: ConfigurationSources): CheckedConfig {
  const reading = readSources(sources);
  const { given, problems } = reading;
  const isDemo = settings.demo.safeParse(given.get("demo")?.value).data === true;
  const said = Object.fromEntries([...given].map(([name, { value }]) => [name, value]));
  const values: Values = isDemo ? { ...demoDefaults, ...said } : said;
  const parsed = settingsSchema.safeParse(values);
  const all = [...problems, ...(parsed.error?.issues ?? []).map((issue) => problemOf(issue, given))];
  if (isDemo && sources.env?.NODE_ENV === "production")
    all.push({
      field: given.get("demo")?.written ?? "demo",
      got: "true",
      message: "must not be used where NODE_ENV is production",
    });
  if (parsed.success && all.length === 0) return { config: complete(parsed.data, given) };
  return { problems: all, remainder: remainderOf(values, reading) };
}

/** Reads and checks the configuration. @throws {ConfigurationError} which names all that is wrong */
export function loadConfig(sources: ConfigurationSources): Config {
  const checked = checkConfig(sources);
  if (checked.config) return checked.config;
  throw new ConfigurationError(checked.problems.map(lineOf).join("\n"));
}
