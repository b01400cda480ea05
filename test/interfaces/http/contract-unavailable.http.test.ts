import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Engines } from "../../../interfaces/engines.ts";
import {
  authorizePath,
  codeForm,
  codeOf,
  demoClient,
  type FlowClient,
  requestToken,
  tokensOf,
} from "../../support/code-flow.ts";
import { expectOAuthError } from "../../support/expect-error.ts";
import { Person } from "../../support/person.ts";
import { basic, postForm, sendJson } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

describe("everywhere (RFC 9110 §15.6.4): 503 with Retry-After, and never a wrong answer, where", () => {
  let isLogGone = false;
  let areReadModelsGone = false;
  let failing: TestServer;
  let client: FlowClient;
  let person: Person;

  const unlessGone = <T extends object>(engine: T, names: readonly (keyof T)[], isGone: () => boolean): T =>
    new Proxy(engine, {
      get(target, name) {
        const member = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        if (!names.includes(name as keyof T)) return member.bind(target);
        return async (...args: unknown[]) => {
          if (isGone()) throw new Unavailable("gone");
          return await member.apply(target, args);
        };
      },
    });

  const mortal = ({ store, readModels }: Engines): Engines => ({
    store: unlessGone(store, ["read", "append"], () => isLogGone),
    readModels: unlessGone(readModels, ["getMany", "list"], () => areReadModelsGone),
  });

  beforeAll(async () => {
    failing = await startTestServer({}, mortal);
    client = demoClient(failing);
    person = new Person(failing.address);
    await person.signIn("alice");
  });
  afterAll(async () => {
    isLogGone = false;
    areReadModelsGone = false;
    await failing[Symbol.asyncDispose]();
  });

  async function during<T>(gone: "log" | "all", work: () => Promise<T>): Promise<T> {
    isLogGone = true;
    areReadModelsGone = gone === "all";
    try {
      return await work();
    } finally {
      isLogGone = false;
      areReadModelsGone = false;
    }
  }

  async function expectUnavailable(response: Response): Promise<void> {
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    await expectOAuthError(response, 503, "temporarily_unavailable");
  }

  it("a code is to be redeemed without the log; it stays good", async () => {
    const form = codeForm(client, await codeOf(person, client));
    await expectUnavailable(await during("log", () => requestToken(failing, form)));
    expect((await requestToken(failing, form)).status).toBe(200);
  });

  it("a token is to be revoked without the log; it stays active (I13)", async () => {
    const { access_token, refresh_token: token } = await tokensOf(failing, person, client);
    const form = { token, client_id: client.id };
    await expectUnavailable(await during("log", () => postForm(`${failing.address}/auth/revoke`, form)));
    const { id, secret } = failing.introspection;
    const url = `${failing.address}/auth/introspect`;
    const response = await postForm(url, { token: access_token }, basic(id, secret));
    expect(await response.json()).toMatchObject({ active: true });
  });

  it("a token is to be introspected without both (I13)", async () => {
    const { access_token: token } = await tokensOf(failing, person, client);
    const { id, secret } = failing.introspection;
    const url = `${failing.address}/auth/introspect`;
    await expectUnavailable(await during("all", () => postForm(url, { token }, basic(id, secret))));
  });

  it("a client is to be registered without the log", async () => {
    const metadata = { redirect_uris: ["https://app.example/cb"] };
    const url = `${failing.address}/auth/register`;
    await expectUnavailable(await during("log", () => sendJson("POST", url, metadata)));
  });

  it("a person comes to a page without both", async () => {
    const response = await during("all", () => person.open(authorizePath(client)));
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
  });
});
