/** Somebody with access to the disk rewrites the log to cover tracks. What shows it, and what only a copy outside shows? */
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { tokensOf } from "../../test/support/process-client.ts";
import { setScene } from "./scene.ts";

await using scene = await setScene();
const { server, say, type } = scene;
const inData = (...names: readonly string[]) => join(server.dataDir, ...names);

say("A day like any other. A checkpoint is signed, as every hour; one copy lies on another machine.");
await tokensOf(server, "alice");
await tokensOf(server, "admin", "password", "read admin");
await type("audit checkpoint");
const [logId = ""] = readdirSync(inData("checkpoints"));
copyFileSync(inData("checkpoints", logId, "00000001.checkpoint"), inData("outside.txt"));
await type("audit verify");

say("An event that matters is proven to somebody who has neither the log nor the master key.");
const key = (await type("audit key")).trim().split(/\s+/).at(-1) ?? "";
const user = new DatabaseSync(inData("log.db"))
  .prepare(
    "SELECT stream || '@' || revision AS name, position FROM events WHERE type = 'grant.authorized' ORDER BY position DESC LIMIT 1",
  )
  .get();
await type(`audit prove ${user?.name} --out ${inData("event.proof")}`);
await type(`audit verify-proof ${inData("event.proof")} --key ${key}`);

say(
  "An intruder edits the database: alice's scopes are made larger, and a grant of the administrator vanishes.",
);
await server.stop();
const db = new DatabaseSync(inData("log.db"));
db.exec(
  `UPDATE events SET data = replace(data, '["read","write"]', '["read","write","admin"]') WHERE type = 'user.registered' AND position = (SELECT min(position) FROM events WHERE type = 'user.registered')`,
);
db.exec(`DELETE FROM events WHERE stream = (SELECT stream FROM events WHERE position = ${user?.position})`);
db.close();
await type("audit verify");
say("The read models still hold what was true: the log does not lead to them any more.");
await type("replay");

say("A better intruder rewrites the kept leaves and the checkpoints as well. The copy outside still tells.");
await type(`audit verify --trusted ${inData("outside.txt")}`);
say("And the proof that was given away still holds: the event was in the log.");
await type(`audit verify-proof ${inData("event.proof")} --key ${key}`);
readFileSync(inData("event.proof"));
