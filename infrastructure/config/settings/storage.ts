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
};
