import { afterAll, beforeAll, expect, it } from "vitest";
import { fieldOf } from "../../support/person.ts";
import { basic, postForm } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

it("200 sign-ins at once: what the queue does not take is 503 soon, and tokens are issued meanwhile", async () => {
  const { client, secret } = await server.client({});
  const page = await fetch(`${server.address}/auth/login`);
  const [cookie = ""] = page.headers.getSetCookie()[0]?.split(";") ?? [];
  const form = { username: "alice", password: "wrong", csrf: fieldOf(await page.text(), "csrf") };
  const order: number[] = [];
  const flood = Promise.all(
    Array.from({ length: 200 }, async () => {
      const response = await postForm(`${server.address}/auth/login`, form, { cookie });
      order.push(response.status);
      return response;
    }),
  );
  const tokens: { status: number; before: number }[] = [];
  while (order.length < 200) {
    const credentials = basic(client.clientId, secret ?? "");
    const { status } = await postForm(
      `${server.address}/auth/token`,
      { grant_type: "client_credentials" },
      credentials,
    );
    tokens.push({ status, before: 200 - order.length });
  }

  const answers = await flood;
  const counts = [401, 503].map((status) => order.filter((each) => each === status).length);
  expect(counts[0]).toBeGreaterThanOrEqual(64);
  expect(counts[1]).toBeGreaterThan(50);
  expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(200);
  // Nobody who is turned away waits for those who are not.
  expect(order.slice(-50)).not.toContain(503);
  for (const { status, headers } of answers) if (status === 503) expect(headers.get("retry-after")).toBe("1");
  expect(tokens.filter(({ status }) => status !== 200)).toEqual([]);
  expect(tokens.filter(({ before }) => before > 0).length).toBeGreaterThan(5);
});

it("a form of more than 128 parameters counts as empty", async () => {
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, number) => [`p${number}`, "x"]));
  const { id, secret } = server.introspection;
  const introspect = (count: number) =>
    postForm(`${server.address}/auth/introspect`, { token: "x", ...many(count - 1) }, basic(id, secret));
  expect((await introspect(128)).status).toBe(200);
  expect((await introspect(129)).status).toBe(400);
});

it("a header of more than 16 KiB is 431 (RFC 6585 §5)", async () => {
  const response = await fetch(`${server.address}/livez`, { headers: { "x-large": "a".repeat(17 * 1024) } });
  expect(response.status).toBe(431);
});
