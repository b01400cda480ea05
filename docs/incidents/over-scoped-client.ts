/** A client that had only ever read is suddenly granted the administration: how, by whom, and who would be hit by taking it away? */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tokensOf } from "../../test/support/process-client.ts";
import { moment, setScene } from "./scene.ts";

await using scene = await setScene();
const { server, say, type } = scene;

say("The app may ask for everything, by a mistake at its registration. So far it asks to read.");
for (const username of ["alice", "bob", "alice", "bob", "alice"])
  await tokensOf(server, username, "password", "read");
const before = await moment();
say('A new version asks for "read admin", and the administrator clicks "Allow".');
await tokensOf(server, "admin", "password", "read admin");
const after = await moment();

say("What was noticed?");
await type("audit anomalies");
say("What could the administrator's account do before and after?");
await type(`audit access --user admin --diff ${before} ${after}`);
say("Who else gave this app anything, and would be hit if the scope were taken from all?");
writeFileSync(join(server.dataDir, "policy.json"), JSON.stringify({ removeScopes: ["admin"] }));
await type(`replay --what-if ${join(server.dataDir, "policy.json")}`);
say("The app is disabled: one event ends all its tokens at once.");
await type(`client disable ${server.clientId}`);
await type("audit access --user admin");
await server.stop();
