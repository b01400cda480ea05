/** How many events a second a rebuild takes from a log in a file into read models: 20,000 grants of one event each. */
import { join } from "node:path";
import { pino } from "pino";
import { v7 as uuidv7 } from "uuid";
import { loadConfig } from "../../infrastructure/config/load.ts";
import { generateMasterKey } from "../../infrastructure/crypto/key-ring.ts";
import { compose } from "../../interfaces/compose.ts";
import { answer } from "./answer.ts";
import { ownFolder } from "./folder.ts";
import { grantEvent } from "./grant-event.ts";

const grants = 20_000;
const together = 64;

const dataDir = join(ownFolder(), "data");
const { BENCH_REDIS_URL: redisUrl } = process.env;
const config = loadConfig({ flags: { dataDir, masterKey: generateMasterKey(), redisUrl }, env: {} });
const runtime = await compose(config, pino({ level: "error" }));

async function append(): Promise<void> {
  const grantId = uuidv7();
  const { data, ...event } = grantEvent(uuidv7());
  const { accessToken, grant } = data as { accessToken: object; grant: object };
  const own = { accessToken, grant: { ...grant, grantId } };
  await runtime.store.append(`grant-${grantId}`, [{ ...event, data: own }], -1);
}

const filled = (async () => {
  for (let done = 0; done < grants; done += together)
    await Promise.all(Array.from({ length: together }, append));
  await runtime.projector.catchUp(await runtime.store.lastPosition());
})();

answer(async () => {
  await filled;
  const start = performance.now();
  await runtime.projector.rebuild(new AbortController().signal, () => undefined);
  return grants / ((performance.now() - start) / 1000);
}, runtime.close);
