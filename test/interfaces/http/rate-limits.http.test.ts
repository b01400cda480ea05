import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  authorizePath,
  credentialsOf,
  demoClient,
  type FlowClient,
  flowClient,
} from "../../support/code-flow.ts";
import { expectOAuthError } from "../../support/expect-error.ts";
import { basic, type Fields, postForm, sendJson } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let demo: FlowClient;
let web: FlowClient;

beforeAll(async () => {
  server = await startTestServer({ rateLimit: true, trustProxy: "127.0.0.1" });
  demo = demoClient(server);
  web = flowClient(await server.client({}));
});
afterAll(() => server[Symbol.asyncDispose]());

/** Requests of one address; the proxy that the server trusts says which. */
const from = (address: string) => ({ "x-forwarded-for": address });

/** How many of so many requests, one after another, are let through. */
async function letThrough(count: number, send: (index: number) => Promise<Response>): Promise<number> {
  let passed = 0;
  for (let index = 0; index < count; index += 1) if ((await send(index)).status !== 429) passed += 1;
  return passed;
}

async function expectLimited(response: Response, max: number, window: number): Promise<void> {
  expect(response.status).toBe(429);
  expect(response.headers.get("ratelimit-limit")).toBe(String(max));
  expect(response.headers.get("ratelimit-remaining")).toBe("0");
  for (const name of ["retry-after", "ratelimit-reset"]) {
    const seconds = Number(response.headers.get(name));
    expect(seconds).toBeGreaterThan(window - 30);
    expect(seconds).toBeLessThanOrEqual(window);
  }
}

describe("limits (§1, RFC 6585 §4): /auth/token, 120 a minute", () => {
  const request = (client: Fields, address: string) =>
    postForm(`${server.address}/auth/token`, { grant_type: "client_credentials", ...client }, from(address));

  it("by each client from each address, with Retry-After and RateLimit-*", async () => {
    const address = "192.0.2.1";
    const first = await request(credentialsOf(web), address);
    expect(first.headers.get("ratelimit-limit")).toBe("120");
    expect(first.headers.get("ratelimit-remaining")).toBe("119");
    expect(await letThrough(125, () => request(credentialsOf(web), address))).toBe(119);
    const limited = await request(credentialsOf(web), address);
    await expectLimited(limited, 120, 60);
    await expectOAuthError(limited, 429, "temporarily_unavailable");
    expect((await request(credentialsOf(web), "192.0.2.2")).status).toBe(200);
    expect((await request(credentialsOf(demo), address)).status).toBe(400);
  });

  it("by Basic and by form together", async () => {
    const { client, secret } = await server.client({});
    const id = client.clientId;
    const send = (index: number): Promise<Response> => {
      const form = { grant_type: "client_credentials" };
      const headers = from("192.0.2.3");
      const url = `${server.address}/auth/token`;
      return index % 2 === 0
        ? postForm(url, form, { ...headers, ...basic(id, secret ?? "") })
        : postForm(url, { ...form, client_id: id, client_secret: secret }, headers);
    };
    expect(await letThrough(122, send)).toBe(120);
  });

  it.each([{ client_id: 7 }, { client_id: [7] }, { client_id: null }, "text", null])(
    "counts the body %j, which names no client, too",
    async (body) => {
      const response = await sendJson("POST", `${server.address}/auth/token`, body, from("192.0.2.4"));
      await expectOAuthError(response, 400, "invalid_request");
    },
  );
});

it("limits (§1): /auth/authorize and the pages, 60 a minute from each address, all together", async () => {
  const paths = [authorizePath(demo), "/auth/login", "/auth/logout"];
  const open = (path: string, address: string) =>
    fetch(`${server.address}${path}`, { redirect: "manual", headers: from(address) });
  expect(await letThrough(66, (index) => open(paths[index % 3] ?? "", "192.0.2.5"))).toBe(60);
  for (const path of paths) await expectLimited(await open(path, "192.0.2.5"), 60, 60);
  const form = await postForm(`${server.address}/auth/consent`, {}, from("192.0.2.5"));
  expect(form.status).toBe(429);
  expect(form.headers.get("content-type")).toMatch(/^text\/html/);
  expect((await open("/auth/login", "192.0.2.6")).status).toBe(200);
});

it("limits (§1): /auth/register, 20 an hour from each address", async () => {
  const register = (address: string) =>
    sendJson(
      "POST",
      `${server.address}/auth/register`,
      { redirect_uris: ["https://app.example/cb"] },
      from(address),
    );
  expect(await letThrough(22, () => register("192.0.2.7"))).toBe(20);
  const limited = await register("192.0.2.7");
  await expectLimited(limited, 20, 3600);
  await expectOAuthError(limited, 429, "temporarily_unavailable");
  expect((await register("192.0.2.8")).status).toBe(201);
});

it("limits (§1): every limited route says what is left", async () => {
  const address = "192.0.2.20";
  const form = (path: string) => postForm(`${server.address}${path}`, credentialsOf(web), from(address));
  const get = (path: string) =>
    fetch(`${server.address}${path}`, { redirect: "manual", headers: from(address) });
  const limits = [
    [await form("/auth/token"), "120"],
    [await form("/auth/introspect"), "600"],
    [await form("/auth/login"), "60"],
    [await get("/auth/account"), "60"],
    [await get("/auth/register/x"), "120"],
    [await get("/mcp/tools"), "600"],
  ] as const;
  for (const [response, max] of limits) {
    expect(response.headers.get("ratelimit-limit")).toBe(max);
    expect(Number(response.headers.get("ratelimit-remaining"))).toBeLessThan(Number(max));
    expect(Number(response.headers.get("ratelimit-reset"))).toBeGreaterThan(0);
  }
});

it("limits (§1): revocation has none", async () => {
  const revoke = () =>
    postForm(`${server.address}/auth/revoke`, { token: "x", ...credentialsOf(web) }, from("192.0.2.21"));
  expect(await letThrough(130, revoke)).toBe(130);
  expect((await revoke()).headers.get("ratelimit-limit")).toBeNull();
});

it("limits (§1): an address is one with every port that a proxy adds", async () => {
  const open = (index: number) =>
    fetch(`${server.address}/auth/login`, { headers: from(`192.0.2.22:${1_024 + index}`) });
  expect(await letThrough(61, open)).toBe(60);
});

it("limits (§1): a client is known by the assertion that it presents, too", async () => {
  const request = (clientId: string) => {
    const assertion = [{ alg: "ES256" }, { iss: clientId, sub: clientId }, "x"]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    const form = { grant_type: "x", client_assertion_type: type, client_assertion: assertion };
    return postForm(`${server.address}/auth/token`, form, from("192.0.2.23"));
  };
  const left = async (clientId: string) =>
    Number((await request(clientId)).headers.get("ratelimit-remaining"));
  expect([await left("one"), await left("one"), await left("other")]).toEqual([119, 118, 119]);
});

it("limits (§1): introspection by a resource server is unlimited", async () => {
  const { id, secret } = server.introspection;
  const introspect = () =>
    postForm(
      `${server.address}/auth/introspect`,
      { token: "x" },
      { ...from("192.0.2.9"), ...basic(id, secret) },
    );
  expect(await letThrough(300, introspect)).toBe(300);
});

it("limits (§1): an address that nobody vouches for is not believed", async () => {
  await using direct = await startTestServer({ rateLimit: true });
  const open = (index: number) =>
    fetch(`${direct.address}/auth/login`, { headers: from(`192.0.2.${index}`) });
  expect(await letThrough(62, open)).toBe(60);
});
