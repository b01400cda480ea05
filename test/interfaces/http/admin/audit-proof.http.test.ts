import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkProof } from "../../../../application/audit/proof/prove.ts";
import { originOf } from "../../../../domain/audit/checkpoint.ts";
import { parseProof } from "../../../../domain/audit/proof.ts";
import { loadConfig } from "../../../../infrastructure/config/load.ts";
import { requireMasterKey } from "../../../../infrastructure/config/master-key.ts";
import { createCheckpointKeys } from "../../../../infrastructure/crypto/checkpoint-keys.ts";
import { demoClient, tokensOf } from "../../../support/code-flow.ts";
import { bearer, sendJson } from "../../../support/requests.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";
import { signedIn } from "../../../support/signed-in.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const folder = temporaryFolder();
let server: TestServer;
let admin: string;
beforeAll(async () => {
  server = await startTestServer({ ephemeral: false, dataDir: folder.path });
  const person = await signedIn(server, "admin");
  admin = (await tokensOf(server, person, demoClient(server), { scope: "read admin" })).access_token;
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const ask = (what: string, body: unknown = {}, token = admin): Promise<Response> =>
  sendJson("POST", `${server.address}/admin/audit/${what}`, body, bearer(token));
const newest = () => fetch(`${server.address}/admin/audit/checkpoint`, { headers: bearer(admin) });

describe("/admin/audit, the proof", () => {
  it("signs, hands out and proves, so that it can be checked by the key alone", async () => {
    expect((await newest()).status).toBe(404);
    expect((await ask("prove", { event: "1" })).status).toBe(404);
    const note = await (await ask("checkpoint")).text();
    expect(await (await newest()).text()).toBe(note);
    // What holds hashes of secrets or keys is not handed out by a server.
    expect((await ask("prove", { event: "signing-keys@0" })).status).toBe(404);
    const events = await server.runtime.store.readAll(0n, 100);
    const grant = events.find(({ type }) => type === "grant.authorized");
    const answer = await ask("prove", { event: `${grant?.stream}@0` });
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    const { logId } = server.runtime.store;
    const config = loadConfig({ flags: { demo: true, dataDir: folder.path }, env: {} });
    const keys = createCheckpointKeys(requireMasterKey(config), originOf(logId));
    const proof = parseProof(await answer.text());
    if (!proof) throw new Error("no proof");
    expect(checkProof(proof, keys, originOf(logId)).event.revision).toBe(0);
    expect((await ask("prove", { event: "no-such-event" })).status).toBe(404);
  });

  it("verifies what came since the last time", async () => {
    expect(await (await ask("verify")).json()).toMatchObject({
      findings: [],
      findings_in_all: 0,
      checkpoints_compared: 1,
      absent_archives: [],
    });
    expect((await ask("verify", { archives_elsewhere: true })).status).toBe(200);
    expect((await ask("verify", { archives_elsewhere: "yes" })).status).toBe(400);
    expect((await ask("verify", {}, "nothing")).status).toBe(401);
  });
});

describe("/admin/audit/export", () => {
  const linesOf = async (body: unknown) => {
    const response = await ask("export", body);
    expect(response.status).toBe(200);
    return (await response.text()).split("\n").filter((line) => line !== "");
  };

  it("hands out records after a cursor, without personal fields", async () => {
    const first = await linesOf({ format: "ndjson", limit: 3 });
    expect(first).toHaveLength(3);
    const { cursor } = JSON.parse(first.at(-1) ?? "");
    const rest = (await linesOf({ format: "ndjson", after: cursor })).map((line) => JSON.parse(line));
    expect(rest[0].position).toBe("4");
    expect(rest.some((record) => "personal" in record)).toBe(false);
    expect(await linesOf({ format: "ndjson", after: rest.at(-1).cursor })).toEqual([]);
    expect((await linesOf({ format: "csv", limit: 1 }))[0]).toMatch(/^cursor,time,type/);
    expect(JSON.parse((await linesOf({ format: "ocsf", types: ["session."] }))[0] ?? "")).toMatchObject({
      class_uid: 3002,
    });
  });

  it("reveals for a reason alone, which is recorded with who asked", async () => {
    const records = await linesOf({ format: "ndjson", types: ["session.started"], reveal: "a test of it" });
    expect(JSON.parse(records[0] ?? "").personal).toMatchObject({ address: "127.0.0.1" });
    const [event] = await server.runtime.store.read("audit", { direction: "backwards", limit: 1 });
    expect(event).toMatchObject({ type: "audit.revealed", data: { reason: "a test of it" } });
    expect(event?.metadata.actor).toMatch(/^user:u_/);
  });

  it("refuses what it cannot mean", async () => {
    expect((await ask("export", { format: "xml" })).status).toBe(400);
    expect((await ask("export", { format: "csv", after: "c00000000.3" })).status).toBe(404);
    for (const reveal of ["", "   ", "a\u001b[2J reason"])
      expect((await ask("export", { format: "csv", reveal })).status).toBe(400);
  });
});
