import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { beginEpoch } from "../../../application/commands/begin-epoch.ts";
import { setClientStatus } from "../../../application/commands/manage-client.ts";
import { setUserStatus } from "../../../application/commands/manage-users.ts";
import { ref } from "../../../application/documents.ts";
import { closeGrants } from "../../../application/jobs/close-grants.ts";
import type { LogRestore } from "../../../domain/log-restore.ts";
import {
  authorizePath,
  codeOf,
  demoClient,
  flowClient,
  refreshForm,
  requestToken,
  tokensOf,
} from "../../support/code-flow.ts";
import { introspect } from "../../support/introspection.ts";
import { undisturbed } from "../../support/job-world.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { isSignedIn, newUser, operator, signedIn, userIdOf } from "../../support/signed-in.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const backup = { logId: "another", position: "12", madeAt: 1 };

async function begin(restored: Omit<LogRestore, "at"> = { backup, grantsKept: false }, aborted = false) {
  const { context, store } = server.runtime;
  const signal = aborted ? AbortSignal.abort(new Error("stopped")) : new AbortController().signal;
  const ended = await beginEpoch({ ...context, store }, restored, operator, {
    signal,
    progress: () => undefined,
  });
  await context.visibility.wait(await store.lastPosition(), 5_000);
  return ended;
}

describe("a new epoch", () => {
  it("leaves no session, token and key of before, of users and clients alike, and lets both begin again", async () => {
    const [username, disabled] = [await newUser(server), await newUser(server)];
    const person = await signedIn(server, username);
    const old = await tokensOf(server, person, demoClient(server));
    await setUserStatus(server.runtime.context, await userIdOf(server, disabled), "disable", operator);
    const deleted = await server.client({});
    await setClientStatus(server.runtime.context, deleted.client.clientId, "delete", operator);
    const [before] = await server.runtime.context.documents.fromLog([ref.signingKeys()]);

    const types = await server.eventsOf(begin);
    expect(types.slice(0, 2)).toEqual(["log.restored", "signing_keys.replaced"]);
    // Alice, bob and admin of the demo, and the two of this test; one of them had a session.
    const count = (type: string) => types.filter((other) => other === type).length;
    expect([
      count("user.signed_out_everywhere"),
      count("client.tokens_ended"),
      count("session.ended"),
    ]).toEqual([5, 1, 1]);

    expect(await introspect(server, old.access_token)).toEqual({ active: false });
    expect((await requestToken(server, refreshForm(demoClient(server), old.refresh_token))).status).toBe(400);
    expect(await isSignedIn(server, person)).toBe(false);
    const [after] = await server.runtime.context.documents.fromLog([ref.signingKeys()]);
    expect(after?.retired).toEqual([]);
    expect([after?.active.kid, after?.next.kid]).not.toContain(before?.active.kid);
    expect([after?.active.kid, after?.next.kid]).not.toContain(before?.next.kid);
    const fresh = await tokensOf(server, await signedIn(server, username), demoClient(server));
    expect(await introspect(server, fresh.access_token)).toMatchObject({ active: true });
  });

  it("asks people anew, also for an app that a backup remembers and they had disconnected", async () => {
    const client = flowClient(await server.client({}));
    const username = await newUser(server);
    const person = await signedIn(server, username);
    await codeOf(person, client);
    const asks = async () => (await person.open(authorizePath(client))).status === 200;
    expect(await asks()).toBe(false);
    await begin();
    await person.signIn(username);
    expect(await asks()).toBe(true);
  });

  it("says of each ending that it came by the restore", async () => {
    const { store } = server.runtime;
    const before = await store.lastPosition();
    await begin();
    const [restored, ...endings] = await store.readAll(before, 1_000);
    expect(restored).toMatchObject({ type: "log.restored", data: { backup, grantsKept: false } });
    expect(endings.length).toBeGreaterThan(5);
    for (const { metadata } of endings) expect(metadata.causationId).toBe(restored?.id);
  });

  it("ends nothing where grants are kept, and says so", async () => {
    const kept = await tokensOf(server, await signedIn(server, await newUser(server)), demoClient(server));
    expect(await server.eventsOf(() => begin({ backup: null, grantsKept: true }))).toEqual(["log.restored"]);
    expect(await introspect(server, kept.access_token)).toMatchObject({ active: true });
  });

  it("is begun again where it was stopped, and its grants are closed one by one afterwards", async () => {
    const tokens = await tokensOf(server, await signedIn(server, await newUser(server)), demoClient(server));
    await expect(begin(undefined, true)).rejects.toThrow("stopped");
    expect((await begin()).users).toBeGreaterThan(5);
    expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
    const { context, store } = server.runtime;
    const closing = await server.eventsOf(() => closeGrants({ ...context, store }, undisturbed()));
    expect(closing).toContain("grant.revoked");
    expect(closing.filter((type) => type === "closure.completed").length).toBeGreaterThan(5);
    expect(await server.eventsOf(() => closeGrants({ ...context, store }, undisturbed()))).toEqual([]);
  });
});
