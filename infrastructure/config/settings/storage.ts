import { z } from "zod";
import { parseRedisUrl } from "../../redis/url.ts";
import { flag, number, text } from "../fields.ts";

const takesRedis = "a Redis URL such as redis://:password@host:6379/0";

const redisUrl = z
  .string(`must be ${takesRedis}`)
  .superRefine((value, context) => {
    try {
      parseRedisUrl(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
    }
  })
  .meta({ takes: takesRedis });

/** How a place is written that checkpoints are kept in outside. */
export const takesPlace = "a file, or an http or https URL without user and password";

/** Whether a text is written so. */
export const isPlace = (value: string): boolean => {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(value)) return true;
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
};

const place = z
  .string(`must be ${takesPlace}`)
  .min(1, `must be ${takesPlace}`)
  .refine(isPlace, `must be ${takesPlace}`)
  .meta({ takes: takesPlace });

const takesEventStore = "a connection string such as esdb://host:2113";

/** Where the log, the read models and the keys are, and how long what is in them stays. */
export const storage = {
  dataDir: text().default(".dacapo").describe("folder of the log and the read models"),
  ephemeral: flag().default(false).describe("keep everything in memory"),
  masterKey: text().optional().describe("master key ring; better in a file"),
  masterKeyFile: text()
    .optional()
    .describe("file of the master key ring; <data-dir>/master.key where it exists"),
  eventstoreUrl: z
    .string(`must be ${takesEventStore}`)
    .regex(
      /^(esdb|esdb\+discover|kurrentdb|kurrentdb\+discover):\/\//,
      "must begin with esdb:// or esdb+discover://",
    )
    .meta({ takes: takesEventStore })
    .optional()
    .describe("EventStoreDB or KurrentDB for the log: its connection string, esdb://…"),
  redisUrl: redisUrl
    .optional()
    .describe(
      "Redis for read models and jobs: redis[s]://[:password@]host[:port][/db], several hosts for Cluster, redis+sentinel://hosts/master for Sentinel",
    ),
  redisCaFile: text()
    .optional()
    .describe("PEM file of the CAs that rediss:// trusts, instead of the public ones"),
  redisCertFile: text()
    .optional()
    .describe("PEM file of the certificate that rediss:// shows to Redis, with redisKeyFile"),
  redisKeyFile: text().optional().describe("PEM file of the key of redisCertFile, without a passphrase"),
  visibilityTimeoutSeconds: number(0.01, 8, false)
    .default(5)
    .describe("how long a revocation waits to be visible before it answers 503"),
  maxStalenessSeconds: number(1, 60, false).default(2).describe("how old read models may be to be believed"),
  clockMaxSkewSeconds: number(0.1, 60, false)
    .default(2)
    .describe("how far the clock may be from that of the read models before nothing is issued or judged"),
  retentionGrantDays: number(0, 36_500, false)
    .default(365)
    .describe("how long a grant's events stay in the log after its last token died; 0 for ever"),
  erasureList: text()
    .optional()
    .describe("file of the erasures that a restored log must repeat; <data-dir>/erasures.ndjson where unset"),
  archiveDir: text()
    .optional()
    .describe("folder of the events that left the log; <data-dir>/archive where unset"),
  checkpointMinutes: number(1, 10_080, false)
    .default(60)
    .describe("how often the head of the log's Merkle tree is signed, where the log grew"),
  checkpointTo: place
    .optional()
    .describe(
      "where a copy of each signed checkpoint goes, best out of reach of who runs the server: a file that it is appended to, or an http(s) URL that it is put to",
    ),
};
