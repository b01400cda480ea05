/** Somebody with access to the disk rewrites the log to cover tracks. What shows it, and what does only a copy outside show? */
import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { tokensOf } from "../../test/support/process-client.ts";
import { setScene } from "./scene.ts";

await using scene = await setScene();
const { server, say, type, typeElsewhere } = scene;
const inData = (...names: readonly string[]) => join(server.dataDir, ...names);
const outside = inData("outside.txt");
const proof = inData("event.proof");

say("A day like any other. A checkpoint is signed, as every hour; its copy lies on another machine.");
await tokensOf(server, "alice");
await tokensOf(server, "admin", "password", "read admin");
await type("audit checkpoint");
const [logId = ""] = readdirSync(inData("checkpoints"));
copyFileSync(inData("checkpoints", logId, "00000001.checkpoint"), outside);

say("An event that matters is proven to an auditor, who has neither the log nor the master key.");
const key = (await type("audit key")).trim();
const db = new DatabaseSync(inData("log.db"));
const grant = db
  .prepare("SELECT stream FROM events WHERE type = 'grant.authorized' ORDER BY position DESC")
  .get();
await type(`audit prove ${grant?.stream}@0 --out ${proof}`);
await typeElsewhere(`audit verify-proof ${proof} --key ${key}`);

say("An intruder edits the database: alice may administer, and a grant of the administrator vanishes.");
await server.stop();
db.exec(`UPDATE events SET data = replace(data, '["read","write"]', '["read","write","admin"]')
  WHERE position = (SELECT min(position) FROM events WHERE type = 'user.registered')`);
db.prepare("DELETE FROM events WHERE stream = ?").run(grant?.stream ?? "");
db.close();
await type("audit verify");
say("The read models still hold what was true; the log does not lead to them any more.");
await type("replay");

say("A better intruder takes leaves and checkpoints away, and the server makes them anew: all seems well.");
rmSync(inData("checkpoints"), { recursive: true });
await type("audit checkpoint");
await type("audit verify");
say("The copy outside tells.");
await type(`audit verify --trusted ${outside}`);
say("And the auditor's proof holds: that event was in the log.");
await typeElsewhere(`audit verify-proof ${proof} --key ${key}`);
