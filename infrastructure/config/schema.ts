import { z } from "zod";
import { isScopeToken } from "../../domain/oauth/scope.ts";
import { isLoopbackHost, isNetwork } from "../network/addresses.ts";
import { parseRedisUrl } from "../redis/url.ts";
import { flag, list, number, text } from "./fields.ts";

const scopeTexts: Readonly<Record<string, string>> = {
  read: "See your data",
  write: "Create and change your data",
  admin: "Administer the server",
};

const scopeEntry = z.union([
  z.string().transform((name) => ({ name, description: scopeTexts[name] ?? name })),
  z.strictObject({ name: z.string(), description: z.string().min(1) }),
]);

const scopes = z
  .preprocess(
    (value) => (typeof value === "string" ? value.split(",").map((name) => name.trim()) : value),
    z.array(scopeEntry).min(1),
  )
  .refine(
    (all) => all.every(({ name }) => isScopeToken(name)),
    "each must be a scope token of RFC 6749 section 3.3",
  );

const issuer = z.string().superRefine((value, context) => {
  const url = URL.parse(value);
  const wrong = (message: string) => context.addIssue({ code: "custom", message });
  if (!url) wrong("must be an absolute URL such as https://auth.example.com");
  else if (url.search !== "" || url.hash !== "")
    wrong("must have no query and no fragment (RFC 8414 section 2)");
  else if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopbackHost(url.hostname)))
    wrong("must be https; http is allowed on loopback only");
  else if (value.endsWith("/") || url.username !== "" || url.password !== "")
    wrong("must have no user information and no trailing slash");
});

const networks = list().refine(
  (all) => all.every((network) => isNetwork(network)),
  "must be addresses or networks such as 10.0.0.0/8",
);

const redisUrl = z.string().superRefine((value, context) => {
  try {
    parseRedisUrl(value);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
  }
});

/** Every setting, by the name that it has in code and in the file; flags and environment names are derived from it. */
export const settings = {
  issuer: issuer.optional().describe("issuer and base URL; http://localhost:<port> where unset"),
  host: text().default("127.0.0.1").describe("address to listen on"),
  port: number(0, 65_535).default(8000).describe("port to listen on; 0 takes a free one"),
  dataDir: text().default(".dacapo").describe("folder of the log and the read models"),
  ephemeral: flag().default(false).describe("keep everything in memory"),
  logLevel: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
    .default("info")
    .describe("what is logged: fatal, error, warn, info, debug, trace or silent"),
  masterKey: text().optional().describe("master key ring; better in a file"),
  masterKeyFile: text()
    .optional()
    .describe("file of the master key ring; <data-dir>/master.key where it exists"),
  accessTokenExpireMinutes: number(0.05, 1_440, false).default(15).describe("life of an access token"),
  refreshTokenExpireDays: number(0.0001, 365, false).default(30).describe("life of an unused refresh token"),
  refreshTokenAbsoluteDays: number(0.0001, 3_650, false).default(90).describe("life of a whole token family"),
  codeExpireSeconds: number(1, 600).default(60).describe("life of an authorization code"),
  refreshGraceSeconds: number(0, 60, false)
    .default(10)
    .describe("how long a refresh token whose answer was lost gets the same successor again"),
  requirePkce: flag().default(true).describe("false excuses confidential clients only"),
  allowPublicClients: flag().default(true).describe("whether clients without a secret may act"),
  supportedScopes: scopes
    .default([
      { name: "read", description: "See your data" },
      { name: "write", description: "Create and change your data" },
      { name: "admin", description: "Administer the server" },
    ])
    .describe("the scopes that exist"),
  registration: z
    .enum(["open", "closed"])
    .default("closed")
    .describe("dynamic client registration (RFC 7591), open or closed; closed needs a token"),
  clientDocuments: flag()
    .default(true)
    .describe("whether client ids may be URLs of client metadata documents"),
  initialAccessToken: z
    .string()
    .min(32)
    .optional()
    .describe("opens closed registration, beside an administrator's access token"),
  sessionTtlMinutes: number(0.05, 43_200, false).default(30).describe("life of a session that is not used"),
  enableSlidingExpiration: flag().default(true).describe("whether use prolongs a session"),
  sessionAbsoluteHours: number(0.01, 8_760, false).default(24).describe("life of a session at most"),
  rememberMeDays: number(0.01, 365, false).default(30).describe("life of a session with remember me"),
  maxSessionsPerUser: number(1, 100).default(5).describe("sessions of each kind; the oldest is ended"),
  bindTokens: flag().default(true).describe("whether a session ended on purpose ends its tokens"),
  secureCookie: flag()
    .optional()
    .describe("whether cookies are sent over https only; where unset, as the issuer's scheme says"),
  sameSite: z
    .enum(["lax", "strict"])
    .default("lax")
    .describe("which requests from other sites carry the session cookie: lax, or strict for none"),
  signingAlgorithm: z
    .enum(["ES256", "EdDSA", "RS256"])
    .default("ES256")
    .describe("signature of access tokens: ES256, EdDSA or RS256"),
  signingKeyDays: number(1, 3_650, false).default(30).describe("how long a key signs before it is rotated"),
  retentionGrantDays: number(0, 36_500, false)
    .default(365)
    .describe("how long a grant's events stay in the log after its last token died; 0 for ever"),
  erasureList: text()
    .optional()
    .describe("file of the erasures that a restored log must repeat; <data-dir>/erasures.ndjson where unset"),
  archiveDir: text()
    .optional()
    .describe("folder of the events that left the log; <data-dir>/archive where unset"),
  corsOrigins: list().default([]).describe("origins whose pages may call the API"),
  rateLimit: flag().default(true).describe("off for load tests; refused unless the issuer is on loopback"),
  trustProxy: networks.default([]).describe("addresses (CIDR) of proxies whose X-Forwarded-For is believed"),
  allowNetworks: networks
    .default([])
    .describe("addresses and networks (CIDR, IPv4 and IPv6) that may connect; everybody where empty"),
  adminNetworks: networks
    .default([])
    .describe("addresses and networks that may use the admin API; as allowNetworks where empty"),
  visibilityTimeoutSeconds: number(0.01, 8, false)
    .default(5)
    .describe("how long a revocation waits to be visible before it answers 503"),
  maxStalenessSeconds: number(1, 60, false).default(2).describe("how old read models may be to be believed"),
  demo: flag().default(false).describe("users, client and resource of the guide; never in production"),
  demoOnNetwork: flag().default(false).describe("keep the well-known demo passwords on a network address"),
  clockMaxSkewSeconds: number(0.1, 60, false)
    .default(2)
    .describe("how far the clock may be from that of the read models before nothing is issued or judged"),
  redisUrl: redisUrl
    .optional()
    .describe(
      "Redis for read models and jobs: redis[s]://[:password@]host[:port][/db], several hosts for Cluster, redis+sentinel://hosts/master for Sentinel",
    ),
  eventstoreUrl: text()
    .regex(
      /^(esdb|esdb\+discover|kurrentdb|kurrentdb\+discover):\/\//,
      "must begin with esdb:// or esdb+discover://",
    )
    .optional()
    .describe("EventStoreDB or KurrentDB for the log: its connection string, esdb://…"),
  mcp: flag().default(false).describe("serve the music analysis tools at /mcp; on in the demo"),
  requireBearer: flag()
    .default(true)
    .describe("whether calls in an MCP session need the bearer token too; off in the demo"),
  worker: flag().default(true).describe("whether serve runs projector and jobs itself"),
};

export type SettingName = keyof typeof settings;

export const settingsSchema = z.strictObject(settings).superRefine((config, context) => {
  const wrong = (name: SettingName, message: string) =>
    context.addIssue({ code: "custom", path: [name], message });
  const url = config.issuer === undefined ? undefined : URL.parse(config.issuer);
  if (!config.rateLimit && url && !isLoopbackHost(url.hostname))
    wrong("rateLimit", "may be off on a loopback issuer only");
  if (config.masterKey !== undefined && config.masterKeyFile !== undefined)
    wrong("masterKey", "and masterKeyFile exclude each other");
  for (const name of ["redisUrl", "eventstoreUrl"] as const)
    if (config.ephemeral && config[name] !== undefined) wrong(name, "and ephemeral exclude each other");
  if (config.eventstoreUrl !== undefined && config.redisUrl === undefined && !config.worker)
    wrong("worker", "must be on where the log is in EventStoreDB and the read models are in a file");
  if (
    config.ephemeral &&
    config.masterKeyFile === undefined &&
    config.masterKey === undefined &&
    !config.demo
  )
    wrong("ephemeral", "without demo needs masterKey or masterKeyFile");
});

/** The configuration, complete and checked. */
export type Config = z.output<typeof settingsSchema> & {
  readonly issuer: string;
  /** Whether it listens, and is known to the world, on this machine alone. */
  readonly isLocal: boolean;
};
