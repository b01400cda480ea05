import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setClientStatus } from "../../../application/commands/manage-client.ts";
import { setUserStatus } from "../../../application/commands/manage-users.ts";
import { closeGrants } from "../../../application/jobs/close-grants.ts";
import {
  demoClient,
  flowClient,
  refreshForm,
  requestToken,
  tokensBy,
  tokensOf,
} from "../../support/code-flow.ts";
import { introspect } from "../../support/introspection.ts";
import { undisturbed } from "../../support/job-world.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { newUser, operator, signedIn, userIdOf } from "../../support/signed-in.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** The events of a run of the job. */
const closing = () =>
  server.eventsOf(() =>
    closeGrants({ ...server.runtime.context, store: server.runtime.store }, undisturbed()),
  );

describe("grants whose holder has ended are ended on their own streams", () => {
  it("after a user was signed out everywhere; what begins later lives on", async () => {
    const username = await newUser(server);
    const person = await signedIn(server, username);
    const old = [
      await tokensOf(server, person, demoClient(server)),
      await tokensOf(server, person, demoClient(server)),
    ];
    await setUserStatus(
      server.runtime.context,
      await userIdOf(server, username),
      "sign_out_everywhere",
      operator,
    );
    const again = await signedIn(server, username);
    const fresh = await tokensOf(server, again, demoClient(server));
    expect(await closing()).toEqual(["grant.revoked", "grant.revoked", "closure.completed"]);
    expect(await closing()).toEqual([]);
    for (const { access_token, refresh_token } of old) {
      expect(await introspect(server, access_token)).toEqual({ active: false });
      expect((await requestToken(server, refreshForm(demoClient(server), refresh_token))).status).toBe(400);
    }
    expect(await introspect(server, fresh.access_token)).toMatchObject({ active: true });
    await tokensBy(server, refreshForm(demoClient(server), fresh.refresh_token));
  });

  it("after a client was disabled, of every user", async () => {
    const client = flowClient(await server.client({}));
    for (const username of [await newUser(server), await newUser(server)])
      await tokensOf(server, await signedIn(server, username), client);
    await setClientStatus(server.runtime.context, client.id, "disable", operator);
    await setClientStatus(server.runtime.context, client.id, "enable", operator);
    expect(await closing()).toEqual(["grant.revoked", "grant.revoked", "closure.completed"]);
  });

  it("after a sign-out, which leaves the tokens of other sessions", async () => {
    const username = await newUser(server);
    const [here, there] = [await signedIn(server, username), await signedIn(server, username)];
    await tokensOf(server, here, demoClient(server));
    const other = await tokensOf(server, there, demoClient(server));
    await here.signOut();
    expect(await closing()).toEqual(["grant.revoked", "closure.completed"]);
    expect(await introspect(server, other.access_token)).toMatchObject({ active: true });
  });
});
