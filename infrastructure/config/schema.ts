import { z } from "zod";
import { isLoopbackHost } from "../network/addresses.ts";
import { network } from "./settings/network.ts";
import { oauth } from "./settings/oauth.ts";
import { server } from "./settings/server.ts";
import { session } from "./settings/session.ts";
import { storage } from "./settings/storage.ts";

/** The settings by the groups that a file and code may put them in. */
export const groups = { oauth, session, network, server, storage };

export type GroupName = keyof typeof groups;

/** Every setting, by the name that it has in code and in the file; flags and environment names are derived from it. */
export const settings = { ...oauth, ...session, ...network, ...server, ...storage };

export type SettingName = keyof typeof settings;

export const settingNames = Object.keys(settings) as SettingName[];

const fields = z.strictObject(settings);

type Fields = z.output<typeof fields>;

/** What settings say together; the first name is the one that is complained of. */
interface Rule {
  readonly about: readonly [SettingName, ...SettingName[]];
  readonly holds: (config: Fields) => boolean;
  readonly message: string;
}

const rules: readonly Rule[] = [
  {
    about: ["tlsCertFile", "tlsKeyFile"],
    holds: ({ tlsCertFile, tlsKeyFile }) => (tlsCertFile === undefined) === (tlsKeyFile === undefined),
    message: "and tlsKeyFile go together: both or none",
  },
  {
    about: ["tlsClientCaFile", "tlsCertFile"],
    holds: ({ tlsClientCaFile, tlsCertFile }) => tlsClientCaFile === undefined || tlsCertFile !== undefined,
    message: "needs tlsCertFile and tlsKeyFile: only a server that speaks TLS asks for certificates",
  },
  {
    about: ["issuer", "tlsCertFile"],
    holds: ({ issuer = "", tlsCertFile }) => tlsCertFile === undefined || !issuer.startsWith("http:"),
    message: "must be an https URL where tlsCertFile is set, as nothing is served by http",
  },
  {
    about: ["redisCertFile", "redisKeyFile"],
    holds: ({ redisCertFile, redisKeyFile }) =>
      (redisCertFile === undefined) === (redisKeyFile === undefined),
    message: "and redisKeyFile go together: both or none",
  },
  ...(["redisCaFile", "redisCertFile"] as const).map(
    (name): Rule => ({
      about: [name, "redisUrl"],
      holds: ({ [name]: file, redisUrl = "" }) => file === undefined || redisUrl.startsWith("rediss"),
      message: "is for TLS: redisUrl must begin with rediss:// or rediss+sentinel://",
    }),
  ),
  {
    about: ["rateLimit", "issuer"],
    holds: ({ rateLimit, issuer }) =>
      rateLimit || issuer === undefined || isLoopbackHost(new URL(issuer).hostname),
    message: "may be off on a loopback issuer only",
  },
  {
    about: ["masterKey", "masterKeyFile"],
    holds: ({ masterKey, masterKeyFile }) => masterKey === undefined || masterKeyFile === undefined,
    message: "and masterKeyFile exclude each other",
  },
  {
    about: ["redisUrl", "ephemeral"],
    holds: ({ redisUrl, ephemeral }) => redisUrl === undefined || !ephemeral,
    message: "and ephemeral exclude each other",
  },
  {
    about: ["eventstoreUrl", "ephemeral"],
    holds: ({ eventstoreUrl, ephemeral }) => eventstoreUrl === undefined || !ephemeral,
    message: "and ephemeral exclude each other",
  },
  {
    about: ["worker", "eventstoreUrl", "redisUrl"],
    holds: ({ worker, eventstoreUrl, redisUrl }) =>
      worker || eventstoreUrl === undefined || redisUrl !== undefined,
    message: "must be on where the log is in EventStoreDB and the read models are in a file",
  },
  {
    about: ["ephemeral", "demo", "masterKey", "masterKeyFile"],
    holds: ({ ephemeral, demo, masterKey, masterKeyFile }) =>
      !ephemeral || demo || masterKey !== undefined || masterKeyFile !== undefined,
    message: "without demo needs masterKey or masterKeyFile",
  },
];

const isAbout = ({ about }: Rule, [name]: readonly PropertyKey[]): boolean =>
  about.some((known) => known === name);

/** Each rule is asked where the settings that it is about are right by themselves, so that all that is wrong is told at once. */
export const settingsSchema = rules.reduce(
  (schema, rule) =>
    schema.refine(rule.holds, {
      path: [rule.about[0]],
      error: rule.message,
      when: ({ issues }) => !issues.some(({ path = [] }) => isAbout(rule, path)),
    }),
  fields,
);

/** The configuration, complete and checked. */
export type Config = Fields & {
  readonly issuer: string;
  /** Whether it listens, and is known to the world, on this machine alone. */
  readonly isLocal: boolean;
};
