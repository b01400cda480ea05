import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openSqliteEventStore } from "../../../infrastructure/event-store/sqlite/index.ts";
import { factsOf, rowsOf } from "../../support/command-output.ts";
import { accessTokenOf, clientCredentials, isActive } from "../../support/process-client.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";

let server: ServerProcess;
let token: string;
let client: { id: string; secret: string };
beforeAll(async () => {
  server = await startServer();
  const created = factsOf(
    await server.cli(["client", "create", "--name", "M", "--type", "confidential", "--json"]),
  );
  client = { id: created.client_id ?? "", secret: created.client_secret ?? "" };
  token = await accessTokenOf(await clientCredentials(server, client.id, client.secret));
});
afterAll(() => server[Symbol.asyncDispose]());

const status = async () => JSON.parse((await server.cli(["projector", "status", "--json"])).stdout);

/** Appends to a stream what no version can read, as a newer one or a damaged disk would leave it. */
async function poison(stream: string): Promise<void> {
  const store = await openSqliteEventStore({ file: join(server.dataDir, "log.db") });
  const [last] = await store.read(stream, { direction: "backwards", limit: 1 });
  const metadata = { actor: "system", correlationId: "test" };
  const event = { id: crypto.randomUUID(), type: "grant.frozen", version: 1, data: {}, metadata };
  await store.append(stream, [event], last?.revision ?? -1);
  await store.close();
}

it("tells that the projector runs and has no lag", async () => {
  expect(await status()).toMatchObject({
    projector: "running",
    lag_events: 0,
    lag_seconds: 0,
    parked_streams: 0,
  });
});

it("rebuilds beside the running server: no introspection is wrong or refused meanwhile", async () => {
  let isRebuilding = true;
  const answers: boolean[] = [];
  const asking = (async () => {
    while (isRebuilding) answers.push(await isActive(server, token));
  })();
  for (let round = 0; round < 2; round += 1) {
    const { code, stdout, stderr } = await server.cli(["projector", "rebuild", "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout).events).toBeGreaterThan(5);
  }
  isRebuilding = false;
  await asking;
  expect(answers.length).toBeGreaterThan(10);
  expect(new Set(answers)).toEqual(new Set([true]));
  expect(await status()).toMatchObject({ projector: "running", lag_events: 0 });
});

it("lists what is parked; its tokens are refused with 503 rather than answered wrongly; a retry tells what is left", async () => {
  const grantId = /"jti":"([^."]+)/.exec(atob(token.split(".")[1] ?? ""))?.[1] ?? "";
  await poison(`grant-${grantId}`);
  await expect.poll(async () => (await status()).parked_streams, { timeout: 15_000 }).toBe(1);
  const [row] = rowsOf(await server.cli(["projector", "parked", "--json"]));
  expect(row).toMatchObject({ stream: `grant-${grantId}`, revision: 1, event: "grant.frozen" });
  const response = await fetch(`${server.issuer}/auth/introspect`, {
    method: "POST",
    body: new URLSearchParams({ token }),
    headers: { authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}` },
  });
  expect(response.status).toBe(503);
  const retried = await server.cli(["projector", "retry", "--all", "--json"]);
  expect(retried.code).toBe(1);
  expect(JSON.parse(retried.stdout)).toEqual({ mended: 0, still_parked: 1 });
  const other = await accessTokenOf(await clientCredentials(server, client.id, client.secret));
  expect(await isActive(server, other)).toBe(true);
});

it("refuses a stream that is not parked, and a retry of nothing", async () => {
  const unknown = await server.cli(["projector", "retry", "grant-none"]);
  expect(unknown).toMatchObject({ code: 1, stderr: "The stream grant-none is not parked.\n" });
  expect((await server.cli(["projector", "retry"])).code).toBe(2);
});
