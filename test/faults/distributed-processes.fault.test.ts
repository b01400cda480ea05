import { afterAll, beforeAll, it } from "vitest";
import { size } from "./fault-size.ts";
import * as processes from "./scenarios/processes.ts";
import * as redis from "./scenarios/redis.ts";
import * as store from "./scenarios/store.ts";
import { type Run, startRun } from "./under-load.ts";

let run: Run;
beforeAll(async () => {
  run = await startRun();
});
afterAll(() => run?.deployment[Symbol.asyncDispose]());

const scenario = (text: string, work: (run: Run) => Promise<void>) =>
  it(text, () => work(run), size.testTimeout);

scenario("killed servers, workers and Redis lose nothing that was answered (I1, I5, I9)", processes.killed);
scenario(
  "workers that lag do nothing twice, leave nothing out and make nothing look dead (I9)",
  processes.lagging,
);
scenario("a server whose clock is 30 s ahead answers nothing, the others go on", processes.late);
scenario(
  "read models are built anew under load, and no answer is wrong meanwhile (I5, I9)",
  processes.rebuilt,
);
scenario("lost answers of the store cost no event and make none twice (I1, I3, I9)", store.unreliable);
scenario("without writes, what must be written is 503 and introspection goes on (I13)", store.withoutWrites);
scenario("where the store hangs, no answer is older than may be believed (I13)", store.hangingStore);
scenario("a Redis that was emptied or is older is not believed (I5, I9)", redis.lost);
scenario("while Redis hangs, answers come from the log or are 503, in time (I13)", redis.hanging);
scenario("a server that is cut off from Redis respects what another revoked (I5)", redis.cutOff);
scenario("what was revoked stays dead where a lagging replica takes over (I5, I9)", redis.ledElsewhere);
