import type { SettingName } from "./schema.ts";

/** Their values are never shown; a URL may hold a password. */
const secretNames: ReadonlySet<string> = new Set([
  "masterKey",
  "initialAccessToken",
  "redisUrl",
  "eventstoreUrl",
  "checkpointTo",
] satisfies SettingName[]);

/** As JSON; by its kind what code gave and JSON cannot hold. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? `a ${typeof value}`;
  } catch {
    return `a ${typeof value}`;
  }
}

/** A value as a person may see it: without what looks like the password of a URL. */
export const shown = (value: unknown): string => jsonOf(value).replaceAll(/:\/\/[^@/]*@/g, "://(hidden)@");

/** The value of this setting as a person may see it; a secret is hidden whole. */
export const shownOf = (name: SettingName, value: unknown): string =>
  secretNames.has(name) ? "(hidden)" : shown(value);
