/**
 * A process of its own that runs one job, which takes a while, and prints when a run begins and ends.
 * Arguments: the URL of Redis, the prefix, the interval, how long a run takes, how long a lock holds.
 */
import { setTimeout as delay } from "node:timers/promises";
import { createBullmqJobs } from "../../../infrastructure/jobs/bullmq.ts";
import { blockingConnections } from "../../../infrastructure/redis/blocking.ts";

const [url = "", prefix = "", interval = "", takes = "", lockDuration = ""] = process.argv.slice(2);
const jobs = createBullmqJobs({
  connection: await blockingConnections(url),
  prefix,
  failed: (name, error) => console.error(name, error),
  lost: (error) => console.error(error),
  lockDuration: Number(lockDuration),
});
await jobs.schedule("job", Number(interval), async ({ signal }) => {
  console.log("begun");
  await delay(Number(takes), undefined, { signal }).catch(() => undefined);
  console.log("ended");
});
console.log("ready");
process.once("SIGTERM", () => void jobs.close());
