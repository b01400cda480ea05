import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AskAdmin, administer } from "../../../support/administrator.ts";
import { flowClient } from "../../../support/code-flow.ts";
import { introspect } from "../../../support/introspection.ts";
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
  readonly client_id: string;
  readonly client_secret: string;
}

const json = async <T = Record<string, unknown>>(answer: Promise<Response>): Promise<T> =>
  (await (await answer).json()) as T;

const created = (body: object = {}) =>
  json<Written>(ask("POST", "/clients", { client_name: "Made", ...body }));

const tokenOf = ({ client_id, client_secret }: Written) =>
  postForm(
    `${server.address}/auth/token`,
    { grant_type: "client_credentials" },
    basic(client_id, client_secret),
  );

describe("/admin/clients", () => {
  it("creates one that can act, says where it is, and shows its secret this once", async () => {
    const answer = await ask("POST", "/clients", {
      client_name: "Nightly job",
      scope: "read",
      token_format: "opaque",
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const client = (await answer.json()) as Written;
    expect(client).toMatchObject({
      client_name: "Nightly job",
      client_type: "confidential",
      status: "active",
      origin: "operator",
      grant_types: ["client_credentials"],
      scope: "read",
      token_format: "opaque",
      client_secrets: [{ expires_at: null }],
    });
    expect(answer.headers.get("location")).toBe(`${server.issuer}/admin/clients/${client.client_id}`);
    expect((await tokenOf(client)).status).toBe(200);
    const { client_secret: secret, ...told } = client;
    const read = await (await ask("GET", `/clients/${client.client_id}`)).text();
    expect(JSON.parse(read)).toEqual(told);
    expect(read).not.toContain(secret);
  });

  it("replaces what is said of it, and gives a secret to one that now needs it", async () => {
    const redirect_uris = ["https://app.example/cb"];
    const { client_id } = await created({ redirect_uris, token_endpoint_auth_methods: ["none"] });
    const put = (body: object) => ask("PUT", `/clients/${client_id}`, { client_name: "Renamed", ...body });
    expect(await json(put({ redirect_uris, token_endpoint_auth_methods: ["none"] }))).toMatchObject({
      client_name: "Renamed",
      client_type: "public",
      client_secret: null,
    });
    const confidential = await json<Written>(put({ redirect_uris }));
    expect(confidential).toMatchObject({ client_type: "confidential" });
    expect((await tokenOf(confidential)).status).toBe(200);
  });

  it("rotates a secret: both open during the overlap, none of the old where it was compromised", async () => {
    const first = await created();
    const rotate = (body?: object) =>
      json<Written & { old_secret_expires_at: string | null }>(
        ask("POST", `/clients/${first.client_id}/secret`, body),
      );
    const second = await rotate({ overlap_seconds: 60 });
    const inAMinute = Date.parse(second.old_secret_expires_at ?? "") - Date.now();
    expect(inAMinute).toBeGreaterThan(50_000);
    expect(inAMinute).toBeLessThan(60_001);
    expect((await tokenOf(first)).status).toBe(200);
    expect((await tokenOf(second)).status).toBe(200);
    const third = await rotate({ compromised: true });
    expect(third.old_secret_expires_at).toBeNull();
    expect((await tokenOf(second)).status).toBe(401);
    expect((await tokenOf(third)).status).toBe(200);
    expect((await rotate()).old_secret_expires_at).not.toBeNull();
  });

  it("disables, enables and deletes; tokens die with it", async () => {
    const client = await created();
    const path = `/clients/${client.client_id}`;
    const { access_token } = await json<{ access_token: string }>(tokenOf(client));
    const status = async (to: string) => (await json(ask("PUT", `${path}/status`, { status: to }))).status;
    expect(await status("disabled")).toBe("disabled");
    expect(await introspect(server, access_token)).toEqual({ active: false });
    expect((await tokenOf(client)).status).toBe(401);
    expect(await status("active")).toBe("active");
    expect((await tokenOf(client)).status).toBe(200);
    for (let time = 0; time < 2; time += 1) expect((await ask("DELETE", path)).status).toBe(204);
    expect(await json(ask("GET", path))).toMatchObject({ status: "deleted" });
    expect((await ask("PUT", `${path}/status`, { status: "active" })).status).toBe(409);
    expect((await ask("POST", `${path}/secret`)).status).toBe(409);
  });

  it("takes an id that is a URL, whose document alone describes the client", async () => {
    const id = "https://client.example/metadata";
    const { client } = await server.client({});
    await server.runtime.context.handle({
      stream: `client-${id}`,
      decider: (await import("../../../../domain/client/client.ts")).clientDecider,
      command: () => ({ type: "register" as const, client: { ...client, clientId: id } }),
      metadata: { actor: "operator", correlationId: "test" },
    });
    const path = `/clients/${encodeURIComponent(id)}`;
    expect(await json(ask("GET", path))).toMatchObject({ client_id: id });
    expect((await ask("PUT", path, { client_name: "Other" })).status).toBe(409);
    expect((await ask("DELETE", path)).status).toBe(204);
  });

  it("says which member is wrong", async () => {
    const wrong = async (body: object) => {
      const answer = await ask("POST", "/clients", { client_name: "Wrong", ...body });
      expect(answer.status).toBe(400);
      expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
      const { title, errors } = (await answer.json()) as { title: string; errors?: { pointer: string }[] };
      expect(title).not.toContain("secret value");
      return errors?.map(({ pointer }) => pointer) ?? [];
    };
    expect(await wrong({ client_name: 7 })).toEqual(["#/client_name"]);
    expect(await wrong({ redirect_uris: ["https://a.example/cb", 7] })).toEqual(["#/redirect_uris/1"]);
    expect(await wrong({ redirect_uris: ["http://a.example/#x"] })).toEqual(["#/redirect_uris"]);
    expect(await wrong({ jwks_uri: "http://keys.example" })).toEqual(["#/jwks_uri"]);
    expect(await wrong({ grant_types: ["refresh_token"] })).toEqual(["#/grant_types"]);
    expect(await wrong({ scope: "read everything" })).toEqual(["#/scope"]);
    expect(await wrong({ "secret value": 1 })).toEqual(["#"]);
    expect(await wrong({ jwks: { keys: [{ kty: "EC", d: "secret value" }] } })).toEqual(["#/jwks/keys/0/d"]);
    for (const headers of [{}, { "content-type": "application/json" }]) {
      const nothing = await ask("POST", "/clients", undefined, headers);
      expect(await nothing.json()).toMatchObject({ status: 400, errors: [{ pointer: "#" }] });
    }
  });

  it("says that there is no such client", async () => {
    for (const [method, path, body] of [
      ["GET", "/clients/c_nobody"],
      ["DELETE", "/clients/c_nobody"],
      ["PUT", "/clients/c_nobody", { client_name: "x" }],
      ["PUT", "/clients/c_nobody/status", { status: "active" }],
      ["POST", "/clients/c_nobody/secret"],
    ] as const)
      expect((await ask(method, path, body)).status).toBe(404);
  });

  it("has no secret to rotate where the client has keys or nothing", async () => {
    const { id } = flowClient(
      await server.client({ authMethods: ["none"], grantTypes: ["authorization_code"] }),
    );
    expect((await ask("POST", `/clients/${id}/secret`)).status).toBe(409);
  });
});
