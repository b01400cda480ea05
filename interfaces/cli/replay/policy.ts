import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "commander";
import { z } from "zod";
import type { WhatIf } from "../../../application/audit/what-if/policy.ts";
import { isScopeToken } from "../../../domain/oauth/scope.ts";
import { ConfigurationError, loadConfig } from "../../../infrastructure/config/load.ts";
import { settingNamed } from "../../../infrastructure/config/names.ts";
import { nearest } from "../../../infrastructure/config/nearest.ts";
import { policyOf } from "../../../infrastructure/config/policy.ts";
import type { Config, SettingName } from "../../../infrastructure/config/schema.ts";
import type { Values } from "../../../infrastructure/config/sources.ts";

type Given = (typeof taken)[number];

/** The settings by which recorded decisions were made, as far as the log tells enough to make them again. */
const taken = [
  "accessTokenExpireMinutes",
  "refreshTokenExpireDays",
  "refreshTokenAbsoluteDays",
  "codeExpireSeconds",
  "refreshGraceSeconds",
  "requirePkce",
  "allowPublicClients",
  "sessionTtlMinutes",
  "enableSlidingExpiration",
  "sessionAbsoluteHours",
  "rememberMeDays",
  "maxSessionsPerUser",
] as const satisfies readonly SettingName[];

const isTaken = (name: SettingName | undefined): name is Given => taken.some((known) => known === name);

const removed = "removeScopes";

const scopes = z.array(z.string().refine(isScopeToken)).min(1);

function refuseName(written: string): never {
  const name = settingNamed(written);
  if (name !== undefined)
    throw new InvalidArgumentError(`${written}: no recorded decision can be made again by it`);
  const meant = nearest(written, [...taken, removed]);
  const hint =
    meant === undefined ? `; there are ${[...taken, removed].join(", ")}` : `; did you mean ${meant}?`;
  throw new InvalidArgumentError(`${written}: there is no such member${hint}`);
}

/** What each setting means for the decisions, in their units. */
function meaningOf(config: Config): Readonly<Record<Given, Partial<WhatIf>>> {
  const { grants, sessions, requirePkce, allowPublicClients } = policyOf(config);
  return {
    accessTokenExpireMinutes: { accessTokenLifetime: grants.accessTokenLifetime },
    refreshTokenExpireDays: { refreshTokenLifetime: grants.refreshTokenLifetime },
    refreshTokenAbsoluteDays: { grantLifetime: grants.grantLifetime },
    codeExpireSeconds: { codeLifetime: grants.codeLifetime },
    refreshGraceSeconds: { graceWindow: grants.graceWindow },
    requirePkce: { requirePkce },
    allowPublicClients: { allowPublicClients },
    sessionTtlMinutes: { sessionTtl: sessions.ttl },
    enableSlidingExpiration: { sliding: sessions.sliding },
    sessionAbsoluteHours: { sessionLifetime: sessions.absoluteLifetime },
    rememberMeDays: { rememberedLifetime: sessions.rememberedLifetime },
    maxSessionsPerUser: { maxSessionsPerUser: sessions.maxPerUser },
  };
}

/** The configuration with these settings; what is wrong with them is wrong use. */
function configWith(code: Values): Config {
  try {
    return loadConfig({ code, env: {} });
  } catch (error) {
    throw error instanceof ConfigurationError ? new InvalidArgumentError(error.message) : error;
  }
}

/** The other policy of a JSON value. @throws {InvalidArgumentError} which names what is wrong */
export function whatIfOf(content: unknown): WhatIf {
  const members = z.record(z.string(), z.unknown()).safeParse(content);
  if (!members.success) throw new InvalidArgumentError("The policy must be a JSON object.");
  const { [removed]: withoutScopes = [], ...rest } = members.data;
  const removing = z.union([scopes, z.array(z.never())]).safeParse(withoutScopes);
  if (!removing.success) throw new InvalidArgumentError(`${removed} must be a list of scopes.`);
  const given = Object.keys(rest).map((written) => {
    const name = settingNamed(written);
    return isTaken(name) ? name : refuseName(written);
  });
  const meaning = meaningOf(configWith(rest));
  return Object.assign({ removeScopes: removing.data }, ...given.map((name) => meaning[name]));
}

/** The other policy of a file, and what the file says. @throws as `whatIfOf` */
export function readPolicy(file: string): { readonly content: unknown; readonly whatIf: WhatIf } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new InvalidArgumentError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`${file} is not JSON.`);
  }
  return { content, whatIf: whatIfOf(content) };
}
