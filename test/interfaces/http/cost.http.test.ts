import { afterAll, beforeAll, expect, it } from "vitest";
import type { EventStore } from "../../../application/ports/event-store.ts";
import type { ReadModels } from "../../../application/ports/read-models.ts";
import type { Tokens } from "../../../application/ports/tokens.ts";
import type { Engines } from "../../../interfaces/engines.ts";
import { Person, pkcePair } from "../../support/person.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

/** What one request cost: events read from the log, appends (fsyncs), look-ups in the read models, signatures. */
interface Cost {
  eventsRead: number;
  appends: number;
  lookups: number;
  signatures: number;
}

let cost: Cost = { eventsRead: 0, appends: 0, lookups: 0, signatures: 0 };

/** Counts what use cases ask; what the projector does is not the request's. */
function counting({ store, readModels }: Engines): Engines {
  const countedStore = Object.create(store, {
    read: {
      value: async (...args: Parameters<EventStore["read"]>) => {
        const events = await store.read(...args);
        cost.eventsRead += events.length;
        return events;
      },
    },
    append: {
      value: (...args: Parameters<EventStore["append"]>) => {
        cost.appends += 1;
        return store.append(...args);
      },
    },
    subscribe: { value: store.subscribe.bind(store) },
    readAll: { value: store.readAll.bind(store) },
    lastPosition: { value: store.lastPosition.bind(store) },
    close: { value: store.close.bind(store) },
  }) as EventStore;
  const countedReadModels: ReadModels = {
    ...readModels,
    getMany: (keys) => {
      cost.lookups += 1;
      return readModels.getMany(keys);
    },
    list: (...args) => {
      cost.lookups += 1;
      return readModels.list(...args);
    },
  };
  return { store: countedStore, readModels: countedReadModels };
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({}, counting);
  const { tokens } = server.runtime.context;
  const sign = tokens.signJwt.bind(tokens);
  (tokens as { signJwt: Tokens["signJwt"] }).signJwt = (...args) => {
    cost.signatures += 1;
    return sign(...args);
  };
  // Until the first heartbeats were seen to change, answers come from the log.
  while (server.runtime.notReady().length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
});
afterAll(() => server[Symbol.asyncDispose]());

async function costOf<T>(work: () => Promise<T>): Promise<{ cost: Cost; result: T }> {
  cost = { eventsRead: 0, appends: 0, lookups: 0, signatures: 0 };
  const result = await work();
  return { cost, result };
}

async function post(path: string, form: Record<string, string>, basic?: { id: string; secret: string }) {
  const authorization = basic && `Basic ${Buffer.from(`${basic.id}:${basic.secret}`).toString("base64")}`;
  const headers: Record<string, string> = authorization ? { authorization } : {};
  const response = await fetch(`${server.issuer}${path}`, {
    method: "POST",
    body: new URLSearchParams(form),
    headers,
  });
  return (await response.json().catch(() => ({}))) as Record<string, string>;
}

async function signedInTokens(): Promise<{ code: string; verifier: string }> {
  const person = new Person(server.issuer);
  await person.signIn("alice");
  const { verifier, challenge } = pkcePair();
  const returned = await person.authorize({
    response_type: "code",
    client_id: server.demo.clientId,
    redirect_uri: "http://localhost:3000/callback",
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  return { code: returned.get("code") ?? "", verifier };
}

const redeem = ({ code, verifier }: { code: string; verifier: string }) =>
  post("/auth/token", {
    grant_type: "authorization_code",
    code,
    code_verifier: verifier,
    client_id: server.demo.clientId,
  });

const refresh = (token = "") =>
  post("/auth/token", { grant_type: "refresh_token", refresh_token: token, client_id: server.demo.clientId });

it("client_credentials: one append, one signature, the end of a new stream (I14)", async () => {
  const { client, secret } = await server.client({ redirectUris: ["https://a.example/cb"] });
  const { cost } = await costOf(() =>
    post("/auth/token", { grant_type: "client_credentials" }, { id: client.clientId, secret: secret ?? "" }),
  );
  expect(cost).toEqual({ eventsRead: 0, appends: 1, lookups: 2, signatures: 1 });
});

it("code exchange: one event read, one append, one signature (I14)", async () => {
  const code = await signedInTokens();
  const { cost, result } = await costOf(() => redeem(code));
  expect(result.access_token).toBeDefined();
  expect(cost).toEqual({ eventsRead: 1, appends: 1, lookups: 3, signatures: 1 });
});

it("introspection: one look-up for the caller and all that the token lives by, nothing else (I14)", async () => {
  const tokens = await redeem(await signedInTokens());
  const { cost, result } = await costOf(() =>
    post("/auth/introspect", { token: tokens.access_token ?? "" }, server.introspection),
  );
  expect(result).toMatchObject({ active: true });
  expect(cost).toEqual({ eventsRead: 0, appends: 0, lookups: 1, signatures: 0 });
});

it("refresh costs the same in a family of 2 and of 200 rotations (I14)", async () => {
  let tokens = await redeem(await signedInTokens());
  const costs: Cost[] = [];
  for (let rotation = 0; rotation < 200; rotation += 1) {
    const before = tokens.refresh_token;
    const { cost, result } = await costOf(() => refresh(before));
    tokens = result;
    costs.push(cost);
  }
  expect(costs[1]).toEqual({ eventsRead: 1, appends: 1, lookups: 3, signatures: 1 });
  expect(costs.at(-1)).toEqual(costs[1]);
});

it("an event of a grant has the same size after 200 rotations (I14)", async () => {
  let tokens = await redeem(await signedInTokens());
  const grantId = /^dcr_([^.]+)/.exec(tokens.refresh_token ?? "")?.[1] ?? "";
  const sizeNow = async () =>
    JSON.stringify((await server.runtime.context.log.recent(`grant-${grantId}`, 1))[0]?.data).length;
  const sizes: number[] = [];
  for (let rotation = 0; rotation < 200; rotation += 1) {
    tokens = await refresh(tokens.refresh_token);
    sizes.push(await sizeNow());
  }
  // Eight known access tokens at the most; revisions grow by digits.
  expect(sizes.at(-1)).toBeLessThan((sizes[10] ?? 0) + 60);
});

it("revocation and its repetition: one append, then none (I14)", async () => {
  const tokens = await redeem(await signedInTokens());
  const revoke = () =>
    post("/auth/revoke", { token: tokens.refresh_token ?? "", client_id: server.demo.clientId });
  expect((await costOf(revoke)).cost).toMatchObject({ eventsRead: 1, appends: 1 });
  expect((await costOf(revoke)).cost).toMatchObject({ eventsRead: 2, appends: 0 });
});
