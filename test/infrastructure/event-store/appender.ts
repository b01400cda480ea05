/**
 * A process of its own that appends to one stream of a log and prints every revision it was answered.
 * Arguments: the file, the stream, how many events.
 */
import { openSqliteEventStore } from "../../../infrastructure/event-store/sqlite/index.ts";
import { event } from "./events.ts";

const [file = "", stream = "", count = "0"] = process.argv.slice(2);
const store = await openSqliteEventStore({ file });
for (let appended = 0; appended < Number(count); appended += 1) {
  const { revision } = await store.append(stream, [event()], appended - 1);
  process.stdout.write(`${revision}\n`);
}
await store.close();
