import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AskAdmin, administer } from "../../../support/administrator.ts";
import { basic, postForm } from "../../../support/requests.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";

let server: TestServer;
let ask: AskAdmin;
beforeAll(async () => {
  server = await startTestServer();
  ask = await administer(server);
});
afterAll(() => server[Symbol.asyncDispose]());

interface Written {
  readonly resource_id: string;
  readonly resource_secret: string;
}

const mayIntrospect = async ({ resource_id, resource_secret }: Written): Promise<boolean> => {
  const form = { token: "unknown" };
  return (
    (await postForm(`${server.address}/auth/introspect`, form, basic(resource_id, resource_secret)))
      .status === 200
  );
};

describe("/admin/resources", () => {
  it("creates one whose secret opens introspection, rotates it, disables and enables it", async () => {
    const answer = await ask("POST", "/resources", { uri: "https://api.example/v1", scope: "read" });
    expect(answer.status).toBe(201);
    const first = (await answer.json()) as Written;
    const path = `/resources/${first.resource_id}`;
    expect(answer.headers.get("location")).toBe(`${server.issuer}/admin${path}`);
    expect(first).toMatchObject({
      uri: "https://api.example/v1",
      scope: "read",
      status: "active",
      default: false,
    });
    expect(await mayIntrospect(first)).toBe(true);
    const rotated = await ask("POST", `${path}/secret`, { overlap_seconds: 0 });
    const second = (await rotated.json()) as Written;
    expect(second).toMatchObject({ resource_id: first.resource_id, old_secret_expires_at: null });
    expect([await mayIntrospect(first), await mayIntrospect(second)]).toEqual([false, true]);
    for (const status of ["disabled", "active"]) {
      const set = await ask("PUT", `${path}/status`, { status });
      expect(await set.json()).toMatchObject({ status });
      expect(await mayIntrospect(second)).toBe(status === "active");
    }
    const { resource_secret: _, ...told } = first;
    expect(await (await ask("GET", path)).json()).toEqual(told);
    const { resources } = (await (await ask("GET", "/resources")).json()) as { resources: unknown[] };
    expect(resources).toContainEqual(told);
  });

  it("refuses a URI that is taken, is none or is the issuer, and a scope that there is not", async () => {
    for (const uri of [`${server.issuer}/mcp`, "not a uri", server.issuer])
      expect(await (await ask("POST", "/resources", { uri })).json()).toMatchObject({
        status: 400,
        errors: [{ pointer: "#/uri" }],
      });
    const body = { uri: "https://api.example/v2", scope: "everything" };
    expect(await (await ask("POST", "/resources", body)).json()).toMatchObject({
      errors: [{ pointer: "#/scope" }],
    });
    for (const [method, path, sent] of [
      ["GET", "/resources/r_x"],
      ["PUT", "/resources/r_x/status", { status: "active" }],
      ["POST", "/resources/r_x/secret"],
    ] as const)
      expect((await ask(method, path, sent)).status).toBe(404);
  });
});

describe("/admin/keys", () => {
  it("lists them without their private halves, and rotates them", async () => {
    const listed = await (await ask("GET", "/keys")).text();
    expect(listed).not.toMatch(/"d":|sealed/);
    const { keys } = JSON.parse(listed) as { keys: { status: string; key_id: string }[] };
    expect(keys.map(({ status }) => status)).toEqual(["next", "active"]);
    const early = await ask("POST", "/keys/rotate");
    expect(early.status).toBe(409);
    const rotated = await ask("POST", "/keys/rotate", { force: true });
    expect(await rotated.json()).toMatchObject({
      keys: [
        { status: "next" },
        { ...keys[0], status: "active", activated_at: expect.any(String) },
        { status: "retired" },
      ],
    });
  });
});
