import { openSqliteReadModels } from "../../../infrastructure/read-models/sqlite/sqlite-read-models.ts";
import { batch, put } from "./batches.ts";

/** A projector in a process of its own: goes on to position 200, one at a time, and says how often it was first. */
const models = openSqliteReadModels({ file: process.argv[2] ?? "", logId: "log", generation: "1" });
let won = 0;
for (;;) {
  const { position } = await models.checkpoint();
  if (position >= 200n) break;
  if (await models.apply(batch(position, position + 1n, put(`g${position}`, { by: process.pid })))) won += 1;
}
await models.close();
process.send?.(won);
process.disconnect?.();
