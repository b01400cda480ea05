import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repeatable } from "../../../../application/commands/repeatable.ts";
import { type AskAdmin, administer } from "../../../support/administrator.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

let server: TestServer;
let ask: AskAdmin;
beforeAll(async () => {
  server = await startTestServer();
  ask = await administer(server);
});
afterAll(() => server[Symbol.asyncDispose]());

let keys = 0;
const newKey = () => {
  keys += 1;
  return { "idempotency-key": `"key ${keys}"` };
};

/** The events that something left, but those of repeats, of which two at once may have none. */
const eventsOf = async (work: () => Promise<unknown>) =>
  (await server.eventsOf(work)).filter((type) => type !== "idempotency_key.repeated");

/** Sends the same three times, twice at once; answers what all of them were answered. */
async function thrice(path: string, body: unknown, key = newKey()) {
  const first = await Promise.all([ask("POST", path, body, key), ask("POST", path, body, key)]);
  const answers = [...first, await ask("POST", path, body, key)];
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  expect(new Set(answers.map(({ status }) => status)).size).toBe(1);
  expect(new Set(texts).size).toBe(1);
  return { status: answers[0]?.status, answer: JSON.parse(texts[0] ?? ""), key };
}

describe("Idempotency-Key (draft-ietf-httpapi-idempotency-key-header)", () => {
  it("creates one client, with the same secret each time", async () => {
    const asked = { client_name: "Once" };
    let answer: Record<string, unknown> = {};
    const events = await eventsOf(async () => {
      ({ answer } = await thrice("/clients", asked));
    });
    expect(answer.client_secret).toMatch(/^[\w-]{43}$/);
    expect(events).toEqual(["idempotency_key.used", "client.registered"]);
  });

  it("answers as at first, whatever became of the client since", async () => {
    const asked = { client_name: "Gone" };
    const { answer, key } = await thrice("/clients", asked);
    await ask("POST", `/clients/${answer.client_id}/secret`);
    await ask("DELETE", `/clients/${answer.client_id}`);
    expect(await (await ask("POST", "/clients", asked, key)).json()).toEqual(answer);
  });

  it("refuses the same key for another request (422), and takes it elsewhere", async () => {
    const { key, answer } = await thrice("/clients", { client_name: "One" });
    const other = await ask("POST", "/clients", { client_name: "Another" }, key);
    expect(other.status).toBe(422);
    expect(other.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect((await ask("POST", `/clients/${answer.client_id}/secret`, {}, key)).status).toBe(200);
    const sameButWritten = { "idempotency-key": "bare-key" };
    expect((await ask("POST", "/clients", { client_name: "Bare" }, sameButWritten)).status).toBe(201);
    const quoted = { "idempotency-key": '"bare-key"' };
    expect((await ask("POST", "/clients", { client_name: "Other" }, quoted)).status).toBe(422);
  });

  it("rotates the secret of a client once, and that of a resource", async () => {
    const { answer: client } = await thrice("/clients", { client_name: "Rotated" });
    const events = await eventsOf(async () => {
      const { answer, key } = await thrice(`/clients/${client.client_id}/secret`, { overlap_seconds: 5 });
      expect(answer.client_secret).not.toBe(client.client_secret);
      const again = await ask("POST", `/clients/${client.client_id}/secret`, { overlap_seconds: 6 }, key);
      expect(again.status).toBe(422);
    });
    expect(events).toEqual(["idempotency_key.used", "client.secret_rotated"]);
    const { answer: resource } = await thrice("/resources", { uri: "https://once.example/api" });
    const rotated = await thrice(`/resources/${resource.resource_id}/secret`, {});
    expect(rotated.answer.resource_secret).not.toBe(resource.resource_secret);
  });

  it("tells nothing of a rotation that 64 changes came after", async () => {
    const { answer: client } = await thrice("/clients", { client_name: "Often" });
    const path = `/clients/${client.client_id}/secret`;
    const { key } = await thrice(path, {});
    for (let change = 0; change < 32; change += 1)
      for (const status of ["disabled", "active"])
        await ask("PUT", `/clients/${client.client_id}/status`, { status });
    expect((await ask("POST", path, {}, key)).status).toBe(422);
  });

  it("rotates the signing keys once", async () => {
    const events = await eventsOf(async () => {
      const { answer } = await thrice("/keys/rotate", { force: true });
      expect(answer.keys.map(({ status }: { status: string }) => status)).toEqual([
        "next",
        "active",
        "retired",
      ]);
    });
    expect(events).toEqual(["idempotency_key.used", "signing_keys.rotated"]);
  });

  it("rotates no second time for who was overtaken by another rotation", async () => {
    const [one, other] = [newKey(), newKey()];
    const rotate = (key: Record<string, string>) => ask("POST", "/keys/rotate", { force: true }, key);
    await Promise.all([rotate(one), rotate(other)]);
    const events = await eventsOf(async () => {
      for (const key of [one, other]) expect((await rotate(key)).status).toBe(200);
    });
    expect(events).toEqual([]);
  });

  it("leaves a trace of each answer that was given again", async () => {
    const { key } = await thrice("/clients", { client_name: "Asked again" });
    const events = await server.eventsOf(() => ask("POST", "/clients", { client_name: "Asked again" }, key));
    expect(events).toEqual(["idempotency_key.repeated"]);
  });

  it("is not used by a client that is refused", async () => {
    const events = await server.eventsOf(async () => {
      const bad = { client_name: "Bad", redirect_uris: ["http://app.example/cb"] };
      expect((await ask("POST", "/clients", bad, newKey())).status).toBe(400);
    });
    expect(events).toEqual([]);
  });

  it("knows a path however it is written", async () => {
    const { answer } = await thrice("/clients", { client_name: "Written" });
    const key = newKey();
    const secretAt = async (clientId: string) =>
      await (await ask("POST", `/clients/${clientId}/secret`, {}, key)).text();
    const written = answer.client_id.replace("c", "%63");
    expect(await secretAt(written)).toBe(await secretAt(answer.client_id));
  });

  it("holds for a day", async () => {
    const { context } = server.runtime;
    const request = {
      idempotencyKey: "of yesterday",
      at: "POST /somewhere",
      asked: "{}",
      metadata: { actor: "operator", correlationId: "test" },
    };
    const at = (time: number) => ({ ...context, clock: { ...context.clock, now: () => time } });
    const now = Date.now();
    await repeatable(at(now), request);
    await repeatable(at(now + 86_400_000), request);
    await expect(repeatable(at(now + 86_400_001), request)).rejects.toThrow("too long ago");
  });

  it("creates one user, and tells it only to who knows the password", async () => {
    const asked = { username: "repeated", password: "correct horse", scope: "read" };
    let key = newKey();
    const events = await eventsOf(async () => {
      ({ key } = await thrice("/users", asked, key));
    });
    expect([...events].sort()).toEqual(
      ["idempotency_key.used", "username.reserved", "subject_key.created", "user.registered"].sort(),
    );
    for (const change of [{ password: "battery staple" }, { username: "another" }, { password: undefined }])
      expect((await ask("POST", "/users", { ...asked, ...change }, key)).status).toBe(422);
    expect((await ask("POST", "/users/find", { username: "another" })).status).toBe(404);
    expect((await ask("POST", "/users", asked)).status).toBe(409);
    await thrice("/users", { username: "without a password" });
  });

  it("is another key by another administrator", async () => {
    const key = newKey();
    const { secret, client } = await server.client({ scope: "admin" });
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      scope: "admin",
      resource: server.issuer,
    });
    const token = await fetch(`${server.address}/auth/token`, {
      method: "POST",
      body: form,
      headers: { authorization: `Basic ${btoa(`${client.clientId}:${secret}`)}` },
    });
    const { access_token } = (await token.json()) as { access_token: string };
    const mine = await ask("POST", "/clients", { client_name: "Ours" }, key);
    const theirs = await ask(
      "POST",
      "/clients",
      { client_name: "Theirs" },
      { ...key, authorization: `Bearer ${access_token}` },
    );
    expect([mine.status, theirs.status]).toEqual([201, 201]);
  });

  it("is the same to every process of a deployment, and after a restart", async () => {
    using folder = temporaryFolder();
    const settings = { ephemeral: false, dataDir: folder.path, issuer: "http://localhost:9" };
    const key = newKey();
    const create = async (by: AskAdmin) => {
      const answer = await by("POST", "/clients", { client_name: "Everywhere" }, key);
      expect(answer.status).toBe(201);
      return await answer.json();
    };
    let first: unknown[];
    {
      await using one = await startTestServer(settings);
      await using other = await startTestServer(settings);
      const administrators = await Promise.all([administer(one), administer(other)]);
      first = await Promise.all(administrators.map(create));
    }
    await using again = await startTestServer(settings);
    expect(
      new Set([...first, await create(await administer(again))].map((one) => JSON.stringify(one))).size,
    ).toBe(1);
  });

  it("says that it is malformed", async () => {
    for (const key of ['"', '""', "a b", `"${"x".repeat(256)}"`, '"a\\b"']) {
      const answer = await ask("POST", "/clients", { client_name: "x" }, { "idempotency-key": key });
      expect(await answer.json()).toMatchObject({ status: 400, errors: [{ header: "Idempotency-Key" }] });
    }
  });

  it("leaves nothing in the log by which the secret can be made without the master key", async () => {
    const key = newKey();
    const { answer } = await thrice("/clients", { client_name: "Kept" }, key);
    const all = await server.runtime.store.readAll(0n, 10_000);
    const text = JSON.stringify(all, (_, value) => (typeof value === "bigint" ? String(value) : value));
    expect(text).not.toContain(answer.client_secret);
    expect(text).not.toContain(key["idempotency-key"].slice(1, -1));
  });
});
