/** A server's address. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is, and how it is spoken to. */
export interface RedisTarget {
  readonly kind: "single" | "cluster" | "sentinel";
  /** The servers, or the Sentinels that know them. */
  readonly addresses: readonly [RedisAddress, ...RedisAddress[]];
  /** What the Sentinels call the master. */
  readonly master?: string;
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
  readonly tls: boolean;
}

const shape = /^(rediss?)(\+sentinel)?:\/\/(?:([^@/]*)@)?([^@/?#]*)((?:\/[^/?#]*)*)$/;
const forms =
  "redis://[:password@]host[:port][/database], the same with several hosts separated by commas for a Cluster, " +
  "or redis+sentinel://[:password@]host[:port],…/master[/database]; rediss for TLS";

/**
 * Reads a URL of one server, of a Cluster or of Sentinels.
 * @throws {Error} with a sentence that names what is wrong, never a password
 */
export function parseRedisUrl(url: string): RedisTarget {
  const [, scheme, sentinel, credentials = "", hosts = "", path = ""] = shape.exec(url.trim()) ?? [];
  if (!scheme) throw new Error(`The Redis URL is not of the form ${forms}`);
  const addresses = hosts.split(",").map((host) => parseAddress(host, sentinel ? 26379 : 6379));
  const [first, ...rest] = addresses;
  if (!first) throw new Error("The Redis URL names no host");
  const parts = path
    .split("/")
    .slice(1)
    .filter((part) => part !== "")
    .map((part) => decode(part, "path"));
  const common = {
    addresses: [first, ...rest] as const,
    tls: scheme === "rediss",
    ...parseCredentials(credentials),
  };
  if (sentinel) return { kind: "sentinel", ...common, ...parseMaster(parts) };
  if (parts.length > 1) throw new Error("The Redis URL has more than one part after the host");
  const database = parseDatabase(parts[0]);
  if (rest.length === 0) return { kind: "single", ...common, database };
  requireDatabaseZero(database);
  return { kind: "cluster", ...common, database };
}

/** @throws {Error} where a Cluster was asked for another database than its only one */
export function requireDatabaseZero(database: number): void {
  if (database !== 0) throw new Error(`A Redis Cluster has database 0 only, the URL asks for ${database}`);
}

function parseAddress(text: string, defaultPort: number): RedisAddress {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (!host)
    throw new Error(
      "The Redis URL names a host that is not of the form host or host:port; in a password / is written %2F and @ %40",
    );
  const number = port === undefined ? defaultPort : Number(port);
  if (number < 1 || number > 65_535)
    throw new Error("The Redis URL names a port that is not between 1 and 65535");
  return { host, port: number };
}

function parseCredentials(text: string): Pick<RedisTarget, "username" | "password"> {
  const [, username = "", password = ""] = /^([^:]*)(?::(.*))?$/.exec(text) ?? [];
  if (username !== "" && password === "")
    throw new Error("The Redis URL has a user without a password; a password alone is written :password@");
  return {
    ...(username === "" ? {} : { username: decode(username, "user") }),
    ...(password === "" ? {} : { password: decode(password, "password") }),
  };
}

function parseMaster([master, database, ...more]: readonly string[]): Pick<
  RedisTarget,
  "master" | "database"
> {
  if (master === undefined)
    throw new Error(
      "The Redis URL lacks the name that the Sentinels give the master: redis+sentinel://host/name",
    );
  if (more.length > 0) throw new Error("The Redis URL has more than two parts after the Sentinels");
  return { master, database: parseDatabase(database) };
}

function parseDatabase(text = "0"): number {
  if (!/^\d{1,6}$/.test(text)) throw new Error("The database of the Redis URL is not a number");
  return Number(text);
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`The ${what} in the Redis URL is not percent-encoded rightly`);
  }
}
