import { nearest } from "./nearest.ts";
import { type GroupName, groups, type SettingName, settingNames } from "./schema.ts";

/** `accessTokenExpireMinutes` → `access-token-expire-minutes`. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `accessTokenExpireMinutes` → `access_token_expire_minutes`. */
export const snake = (name: string): string => kebab(name).replaceAll("-", "_");

/** `accessTokenExpireMinutes` → `DACAPO_ACCESS_TOKEN_EXPIRE_MINUTES`. */
export const environmentName = (name: string): string => `DACAPO_${snake(name).toUpperCase()}`;

/** `access_token_expire_minutes` → `accessTokenExpireMinutes`. */
const camel = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The variable of the command line that names the file of settings; it is no setting itself. */
export const configVariable = "DACAPO_CONFIG";

/** What the guide calls otherwise. */
const settingAliases = { baseUrl: "issuer", whitelist: "allowNetworks" } as const;
const groupAliases = { oauth2Config: "oauth", sessionConfig: "session" } as const;

/** The guide's classes, where their names stand for the variables that hold them. */
const classes = new Map([
  ["OAuth2Config", "oauth2Config"],
  ["SessionConfig", "sessionConfig"],
  ["IPWhitelist", "whitelist"],
]);

/** The guide's class that holds everything. */
export const wholeConfig = "RemoteMCPConfig";

const plain = (written: string): string => classes.get(written) ?? camel(written);

const settingsByName = new Map<string, SettingName>([
  ...settingNames.map((name) => [name, name] as const),
  ...Object.entries(settingAliases),
]);

const groupNames = Object.keys(groups) as GroupName[];

const groupsByName = new Map<string, GroupName>([
  ...groupNames.map((name) => [name, name] as const),
  ...Object.entries(groupAliases),
]);

/** The setting that a member of a file or of code is, in either spelling. */
export const settingNamed = (written: string): SettingName | undefined => settingsByName.get(plain(written));

/** The group that a member of a file or of code is. */
export const groupNamed = (written: string): GroupName | undefined => groupsByName.get(plain(written));

/** The settings of a group. */
export const settingsIn = (group: GroupName): readonly SettingName[] =>
  Object.keys(groups[group]) as SettingName[];

const groupsBySetting = Object.fromEntries(
  groupNames.flatMap((group) => settingsIn(group).map((name) => [name, group])),
) as Record<SettingName, GroupName>;

/** The group that a setting belongs to. */
export const groupOf = (name: SettingName): GroupName => groupsBySetting[name];

const environmentNames = new Map(settingNames.map((name) => [environmentName(name), name]));

/** The setting that a variable of the environment is. */
export const settingOfVariable = (variable: string): SettingName | undefined =>
  environmentNames.get(variable);

/** The name that somebody may have meant who wrote this in a file or in code, in the spelling that was written. */
export function suggestMember(written: string): string | undefined {
  const meant = nearest(camel(written), [...settingsByName.keys(), ...groupsByName.keys()]);
  return meant !== undefined && written.includes("_") ? snake(meant) : meant;
}

/** The variable that somebody may have meant. */
export function suggestVariable(written: string): string | undefined {
  const meant = nearest(written, [...settingsByName.keys()].map(environmentName));
  const alias = Object.entries(settingAliases).find(([name]) => environmentName(name) === meant);
  return alias ? environmentName(alias[1]) : meant;
}
