import { readFileSync } from "node:fs";
import type { z } from "zod";
import { isLoopbackHost } from "../network/addresses.ts";
import { type Config, type SettingName, settings, settingsSchema } from "./schema.ts";

/** The configuration is wrong; each line of the message names a field, what it got and what it wants. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

type Values = Readonly<Record<string, unknown>>;

const names = Object.keys(settings) as SettingName[];
/** Their values are never shown; a URL may hold a password. */
const secretNames: readonly string[] = [
  "masterKey",
  "initialAccessToken",
  "redisUrl",
  "eventstoreUrl",
] satisfies SettingName[];

/** `accessTokenExpireMinutes` → `ACCESS_TOKEN_EXPIRE_MINUTES`. */
const upperSnake = (name: string): string => name.replace(/[A-Z]/g, "_$&").toUpperCase();

/** `access_token_expire_minutes` → `accessTokenExpireMinutes`: the guide's names are taken too. */
const camel = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** What the guide calls otherwise. */
const aliases: Readonly<Record<string, SettingName>> = { baseUrl: "issuer" };

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const { message } = error as Error;
    // The parser's own words quote the file, which may hold a secret.
    const [where = ""] = / at position .*/.exec(message) ?? [];
    const what =
      error instanceof SyntaxError ? `${path} is not JSON${where}` : `cannot read ${path}: ${message}`;
    throw new ConfigurationError(`config: ${what}`);
  }
}

function fromFile(path: string): Values {
  const parsed = readJson(path);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new ConfigurationError(`config: ${path} must hold a JSON object`);
  return Object.fromEntries(
    Object.entries(parsed).map(([name, value]) => [aliases[camel(name)] ?? camel(name), value]),
  );
}

function fromEnvironment(env: NodeJS.ProcessEnv): Values {
  const found = names.map((name) => [name, env[`DACAPO_${upperSnake(name)}`]] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== ""));
}

function explain(issue: z.core.$ZodIssue, values: Values): string {
  if (issue.code === "unrecognized_keys") return `${issue.keys.join(", ")}: there is no such setting`;
  const name = String(issue.path[0] ?? "config");
  const got = secretNames.includes(name) ? "(hidden)" : JSON.stringify(values[name]);
  return `${issue.path.join(".") || "config"}: got ${got}; ${issue.message}`;
}

const demoDefaults: Values = {
  accessTokenExpireMinutes: 60,
  mcp: true,
  requireBearer: false,
  corsOrigins: ["http://localhost:3000", "http://localhost:8080", "http://localhost:6274"],
};

/** Where settings come from: a flag wins over the environment, that over the file, that over the defaults. */
export interface ConfigurationSources {
  readonly flags: Values;
  readonly env: NodeJS.ProcessEnv;
  readonly file?: string | undefined;
}

/** Reads and checks the configuration. @throws {ConfigurationError} */
export function loadConfig({ flags, env, file }: ConfigurationSources): Config {
  const given = { ...(file === undefined ? {} : fromFile(file)), ...fromEnvironment(env), ...flags };
  const isDemo = ["true", "yes", "on", "1"].includes(String(given.demo));
  const values = isDemo ? { ...demoDefaults, ...given } : given;
  const parsed = settingsSchema.safeParse(values);
  if (!parsed.success)
    throw new ConfigurationError(parsed.error.issues.map((issue) => explain(issue, values)).join("\n"));
  if (parsed.data.demo && env.NODE_ENV === "production")
    throw new ConfigurationError("demo: got true; must not be used where NODE_ENV is production");
  const issuer = parsed.data.issuer ?? `http://localhost:${parsed.data.port}`;
  const isLocal = isLoopbackHost(parsed.data.host) && isLoopbackHost(new URL(issuer).hostname);
  const registration =
    given.registration === undefined && isDemo && isLocal ? "open" : parsed.data.registration;
  return { ...parsed.data, issuer, isLocal, registration };
}
