import { isAbsolute, relative, sep } from "node:path";
import { isLoopbackHost } from "../network/addresses.ts";
import { parseRedisUrl } from "../redis/url.ts";
import { erasureListOf, masterKeyFileOf } from "./places.ts";
import type { Config, SettingName } from "./schema.ts";

/** What the file system tells of files that the configuration names; absent where it could not be asked. */
export interface FileFacts {
  /** The permission bits of the master key's file. */
  readonly masterKeyMode?: number | undefined;
  /** Those of the key that the server shows it has. */
  readonly tlsKeyMode?: number | undefined;
  /** Those of the key that is shown to Redis. */
  readonly redisKeyMode?: number | undefined;
}

/** Asks for something that production should not have. */
export interface Check {
  readonly setting: SettingName;
  /** What is set, as a person may see it, where that is unsafe. */
  readonly unsafe: (config: Config, files: FileFacts) => string | undefined;
  /** Why that is dangerous. */
  readonly danger: string;
  /** What to do. */
  readonly advice: string;
}

const where = (holds: boolean, set: unknown): string | undefined => (holds ? String(set) : undefined);
const among = (entries: readonly string[]): string | undefined =>
  entries.length > 0 ? entries.join(", ") : undefined;

const isHttp = (url: string): boolean => url.startsWith("http:");
const isEverywhere = (host: string): boolean => ["0.0.0.0", "::", "[::]"].includes(host);

/** Wider than any private network, the widest of which is fc00::/7. */
const isHuge = (network: string): boolean => Number(/\/(\d+)$/.exec(network)?.[1] ?? 128) < 7;

function isWithin(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way !== "" && way.split(sep)[0] !== ".." && !isAbsolute(way);
}

/** The file of the master key, where it lies beside what it encrypts. */
function keyBesideData(config: Config): string | undefined {
  const { masterKey, masterKeyFile, dataDir, ephemeral, eventstoreUrl, redisUrl } = config;
  const file = masterKeyFileOf(config);
  const isDataElsewhere = ephemeral || (eventstoreUrl !== undefined && redisUrl !== undefined);
  if (masterKey !== undefined || isDataElsewhere) return undefined;
  if (masterKeyFile === undefined) return `nothing, which means ${file}`;
  return where(isWithin(dataDir, file), file);
}

/** The mode of the master key's file, where other users of the machine may read or change it. */
function keyOpenToOthers(config: Config, { masterKeyMode: mode = 0 }: FileFacts): string | undefined {
  const isOpen = config.masterKey === undefined && (mode & 0o077) !== 0;
  return where(isOpen, `${masterKeyFileOf(config)}, which has the mode ${mode.toString(8)}`);
}

/** The file of a key of TLS, where everybody on the machine may read or change it; a group of its readers is usual. */
const tlsKeyOpen = (file: string | undefined, mode = 0): string | undefined =>
  where(file !== undefined && (mode & 0o007) !== 0, `${file}, which has the mode ${mode.toString(8)}`);

/** The list of erasures, where it lies in the data folder. */
function erasuresBesideData(config: Config): string | undefined {
  const { erasureList, dataDir, demo, ephemeral } = config;
  const file = erasureListOf(config);
  if (demo || ephemeral) return undefined;
  if (erasureList === undefined) return `nothing, which means ${file}`;
  return where(isWithin(dataDir, file), file);
}

/** Nothing, where all connections come from the TLS proxy, as this server speaks no TLS itself. */
function untrustedProxy({ issuer, trustProxy, tlsCertFile }: Config): string | undefined {
  return where(!isHttp(issuer) && tlsCertFile === undefined && trustProxy.length === 0, "nothing");
}

const judgesAddresses = ({ allowNetworks, adminNetworks }: Config): boolean =>
  allowNetworks.length > 0 || adminNetworks.length > 0;

/** The Redis servers on other machines, where they are spoken to without this. */
function remoteRedisWithout(what: "password" | "tls", { redisUrl }: Config): string | undefined {
  if (redisUrl === undefined) return undefined;
  const target = parseRedisUrl(redisUrl);
  if (target[what]) return undefined;
  const remote = target.addresses.filter(({ host }) => !isLoopbackHost(host));
  return among(remote.map(({ host, port }) => `${host}:${port}`));
}

/** All that is asked of a configuration, in the order in which it is told. */
export const checks: readonly Check[] = [
  {
    setting: "demo",
    unsafe: ({ demo }) => where(demo, "yes"),
    danger: "users with well-known names exist, one of them an administrator, and defaults are loose",
    advice: "leave it off, and make users by dacapo user create",
  },
  {
    setting: "demoOnNetwork",
    unsafe: ({ demoOnNetwork }) => where(demoOnNetwork, "yes"),
    danger:
      "whoever reaches the server signs in as the demo's administrator, with a password that is in the guide",
    advice: "leave it off",
  },
  {
    setting: "issuer",
    unsafe: ({ issuer }) => where(isHttp(issuer), issuer),
    danger: "passwords, codes and tokens are sent in clear, and no other machine can use the server",
    advice:
      "set tlsCertFile and tlsKeyFile or put a TLS proxy in front, and set the https URL that it is known by",
  },
  {
    setting: "host",
    unsafe: ({ host, issuer }) => where(isEverywhere(host) && isHttp(issuer), host),
    danger: "every network of this machine reaches the server without TLS",
    advice: "listen on 127.0.0.1 behind the TLS proxy, or set an https issuer",
  },
  {
    setting: "trustProxy",
    unsafe: ({ trustProxy }) => among(trustProxy.filter(isHuge)),
    danger: "anybody can claim any address by X-Forwarded-For, past rate limits and allowNetworks",
    advice: "name the addresses of the proxy alone",
  },
  {
    setting: "trustProxy",
    unsafe: (config) => (judgesAddresses(config) ? undefined : untrustedProxy(config)),
    danger:
      "behind the TLS proxy every request has the proxy's address, so that all people share one rate limit",
    advice: "name the addresses from which the proxy connects",
  },
  {
    setting: "trustProxy",
    unsafe: (config) => (judgesAddresses(config) ? untrustedProxy(config) : undefined),
    danger:
      "allowNetworks and adminNetworks judge the TLS proxy instead of the client: they let in everybody or nobody, and all share one rate limit",
    advice: "name the addresses from which the proxy connects, before anything rests on those lists",
  },
  {
    setting: "corsOrigins",
    unsafe: ({ corsOrigins }) => among(corsOrigins.filter(isHttp)),
    danger: "who is on the way of a page without TLS can put a script into it that calls the API",
    advice: "name https origins only",
  },
  {
    setting: "rateLimit",
    unsafe: ({ rateLimit, host }) => where(!rateLimit && isLoopbackHost(host), "no"),
    danger: "passwords and secrets can be guessed without end",
    advice: "leave it on",
  },
  {
    setting: "rateLimit",
    unsafe: ({ rateLimit, host }) => where(!rateLimit && !isLoopbackHost(host), `no, while host is ${host}`),
    danger: "other machines reach the server, and can guess passwords and secrets without end",
    advice: "leave it on; for a load test listen on 127.0.0.1",
  },
  {
    setting: "registration",
    unsafe: ({ registration }) => where(registration === "open", registration),
    danger: "anybody can register a client under any name and ask your users for their consent",
    advice: "set it to closed, and give initialAccessToken to those who may register",
  },
  {
    setting: "requirePkce",
    unsafe: ({ requirePkce }) => where(!requirePkce, "no"),
    danger:
      "a code of a confidential client that somebody intercepted can be injected (RFC 9700 section 2.1.1)",
    advice: "leave it on",
  },
  {
    setting: "accessTokenExpireMinutes",
    unsafe: ({ accessTokenExpireMinutes: minutes }) => where(minutes > 60, minutes),
    danger: "a stolen token works for so long where signatures are all that is checked",
    advice: "set 60 or less, and let clients refresh",
  },
  {
    setting: "refreshTokenExpireDays",
    unsafe: ({ refreshTokenExpireDays: days }) => where(days > 90, days),
    danger: "a refresh token that was forgotten or stolen stays good for so long",
    advice: "set 90 or less",
  },
  {
    setting: "refreshTokenAbsoluteDays",
    unsafe: ({ refreshTokenAbsoluteDays: days }) => where(days > 365, days),
    danger: "for so long nobody is asked whether a client may still act",
    advice: "set 365 or less",
  },
  {
    setting: "secureCookie",
    unsafe: ({ secureCookie }) => where(secureCookie === false, "no"),
    danger: "the session cookie is sent over http too, where it can be read",
    advice: "leave it unset, with an https issuer",
  },
  {
    setting: "bindTokens",
    unsafe: ({ bindTokens }) => where(!bindTokens, "no"),
    danger: "tokens stay good after their user signed out or changed the password",
    advice: "leave it on",
  },
  {
    setting: "requireBearer",
    unsafe: ({ requireBearer }) => where(!requireBearer, "no"),
    danger: "who learns the id of an MCP session acts in it without a token",
    advice: "set it to yes, and have clients send their token with each call",
  },
  {
    setting: "masterKeyFile",
    unsafe: keyBesideData,
    danger: "who copies the data folder has the key to its signing keys and personal data too",
    advice: "keep the key apart from the data, and name it by masterKeyFile",
  },
  {
    setting: "masterKeyFile",
    unsafe: keyOpenToOthers,
    danger: "other users of this machine can read or change the key of signing keys and personal data",
    advice: "give the file to the user that runs the server, with chmod 600",
  },
  {
    setting: "tlsKeyFile",
    unsafe: ({ tlsKeyFile }, { tlsKeyMode }) => tlsKeyOpen(tlsKeyFile, tlsKeyMode),
    danger: "every user of this machine can read the key, and be this server to whoever connects",
    advice: "give the file to the user that runs the server, or to a group of its own, with chmod 640",
  },
  {
    setting: "redisKeyFile",
    unsafe: ({ redisKeyFile }, { redisKeyMode }) => tlsKeyOpen(redisKeyFile, redisKeyMode),
    danger: "every user of this machine can read the key, and be this server to Redis",
    advice: "give the file to the user that runs the server, or to a group of its own, with chmod 640",
  },
  {
    setting: "ephemeral",
    unsafe: ({ ephemeral }) => where(ephemeral, "yes"),
    danger: "users, clients, tokens and the record of what happened are gone when the process ends",
    advice: "leave it off and set dataDir, or eventstoreUrl and redisUrl",
  },
  {
    setting: "redisUrl",
    unsafe: (config) => remoteRedisWithout("password", config),
    danger: "who reaches that machine can change what counts as valid, revoked and signed in",
    advice: "give Redis a password: redis://:password@host",
  },
  {
    setting: "redisUrl",
    unsafe: (config) => remoteRedisWithout("tls", config),
    danger: "the password and the read models cross the network in clear",
    advice: "let Redis speak TLS: rediss://",
  },
  {
    setting: "eventstoreUrl",
    unsafe: ({ eventstoreUrl = "" }) => where(/[?&]tls=false(&|$)/i.test(eventstoreUrl), "tls=false"),
    danger:
      "the log is sent in clear, and a store without TLS asks for no password: who reaches it can write to the log",
    advice: "run a secured store, esdb://user:password@host",
  },
  {
    setting: "erasureList",
    unsafe: (config) => (config.eventstoreUrl === undefined ? erasuresBesideData(config) : undefined),
    danger:
      "a restore of the data folder brings the old list back too, and whoever was erased since is in the log again",
    advice: "name a file apart from the data folder and its backups",
  },
  {
    setting: "erasureList",
    unsafe: (config) => (config.eventstoreUrl === undefined ? undefined : erasuresBesideData(config)),
    danger:
      "servers on other machines do not see the list that lies where a command ran, and a restored log keeps whom it names",
    advice: "name a file on storage that all machines share, apart from backups",
  },
  {
    setting: "retentionGrantDays",
    unsafe: ({ retentionGrantDays: days }) => where(days === 0, days),
    danger: "who did what by which client is kept for ever, and the log grows for ever",
    advice: "set for how many days that is needed",
  },
  {
    setting: "logLevel",
    unsafe: ({ logLevel }) => where(logLevel === "trace" || logLevel === "debug", logLevel),
    danger: "a line for every request tells more than operation needs, and fills the disk",
    advice: "set info",
  },
];
