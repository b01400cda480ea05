import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Dacapo, IPWhitelist, OAuth2Config, RemoteMCPConfig, SessionConfig } from "dacapo";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { generateMasterKey } from "../../infrastructure/crypto/key-ring.ts";
import { ConfigurationError, startDacapo } from "../../interfaces/embedded/index.ts";
import { type Tokens, tokensOf } from "../support/code-flow.ts";
import { freePort } from "../support/free-port.ts";
import { Person } from "../support/person.ts";
import { basic, bearer, postForm, sendJson } from "../support/requests.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

// The guide's configurations, as they are written in TypeScript.
const oauth2_config: OAuth2Config = {
  issuer: "https://api.example.com",
  access_token_expire_minutes: 30,
  refresh_token_expire_days: 7,
  require_pkce: true,
  allow_public_clients: false,
  supported_scopes: ["read", "write", "admin", "compose"],
};
const session_config: SessionConfig = {
  session_ttl_minutes: 15,
  max_sessions_per_user: 3,
  enable_sliding_expiration: true,
  secure_cookie: true,
};
const whitelist: IPWhitelist = ["192.168.1.0/24", "10.0.0.0/8", "2001:db8::/32", "127.0.0.0/8", "::1"];
const initialAccessToken = "a-token-that-opens-the-registration";
// Read models are believed for longer than usual, as what else runs on the machine may be slow.
const quiet = { logLevel: "silent", port: 0, maxStalenessSeconds: 60 } as const;

const folder = temporaryFolder();
const spies = [vi.spyOn(console, "log"), vi.spyOn(process.stdout, "write"), vi.spyOn(process, "on")] as const;
/** What was called of these when both had started. */
let calls: readonly (readonly unknown[])[][] = [];
let guided: Dacapo;
/** Beside it, in the same process, with next to nothing set. */
let plain: Dacapo;
beforeAll(async () => {
  const config: RemoteMCPConfig = {
    ...quiet,
    demo: true,
    data_dir: folder.path,
    initialAccessToken,
    base_url: "https://api.example.com",
    cors_origins: ["https://myapp.com"],
    oauth2_config,
    session_config,
    whitelist,
  };
  const own = { ...quiet, ephemeral: true, masterKey: generateMasterKey() };
  [guided, plain] = await Promise.all([startDacapo(config), startDacapo(own)]);
  calls = spies.map(({ mock }) => [...mock.calls]);
  for (const spy of spies) spy.mockRestore();
});
afterAll(async () => {
  await guided.close();
  await plain.close();
  folder[Symbol.dispose]();
});

const json = async (response: Promise<Response>) =>
  (await (await response).json()) as Record<string, unknown>;

const metadataOf = ({ url }: Dacapo) => json(fetch(`${url}/.well-known/oauth-authorization-server`));

const allowedOrigin = async ({ url }: Dacapo, origin: string) =>
  (await fetch(`${url}/health`, { headers: { origin } })).headers.get("access-control-allow-origin");

describe("the guide's configuration", () => {
  let tokens: Tokens;
  const client = { id: "", secret: "", redirectUri: "http://localhost:3000/callback" };
  beforeAll(async () => {
    const demo = JSON.parse(readFileSync(join(folder.path, "demo.json"), "utf8"));
    client.id = demo.clientId;
    client.secret = demo.clientSecret;
    const alice = new Person(guided.url);
    await alice.signIn("alice", demo.passwords.alice);
    tokens = await tokensOf({ address: guided.url }, alice, client);
  });

  it("names its issuer and scopes in the metadata (RFC 8414)", async () => {
    expect(guided.issuer).toBe("https://api.example.com");
    expect(await metadataOf(guided)).toMatchObject({
      issuer: "https://api.example.com",
      scopes_supported: ["read", "write", "admin", "compose"],
    });
  });

  it("lets access tokens live for 30 minutes and refresh tokens for 7 days", async () => {
    expect(tokens.expires_in).toBeCloseTo(30 * 60, -1);
    const asked = { token: tokens.refresh_token };
    const told = await json(
      postForm(`${guided.url}/auth/introspect`, asked, basic(client.id, client.secret)),
    );
    expect(Number(told.exp) - Date.now() / 1000).toBeCloseTo(7 * 86_400, -2);
  });

  it("lets sessions live for 15 minutes", async () => {
    const headers = bearer(tokens.access_token);
    const created = await json(fetch(`${guided.url}/mcp/session/create`, { method: "POST", headers }));
    expect(Number(created.expires_in)).toBeCloseTo(15 * 60, -1);
  });

  it("refuses public clients (RFC 7591 section 3.2.2)", async () => {
    const metadata = { redirect_uris: ["https://myapp.com/callback"], token_endpoint_auth_method: "none" };
    const register = (method: string) =>
      sendJson(
        "POST",
        `${guided.url}/auth/register`,
        { ...metadata, token_endpoint_auth_method: method },
        bearer(initialAccessToken),
      );
    expect((await register("client_secret_basic")).status).toBe(201);
    expect(await json(register("none"))).toMatchObject({ error: "invalid_client_metadata" });
  });

  it("lets pages of its origins call the API, and no others", async () => {
    expect(await allowedOrigin(guided, "https://myapp.com")).toBe("https://myapp.com");
    expect(await allowedOrigin(guided, "http://localhost:3000")).toBeNull();
  });
});

it("the other server of this process has its own settings", async () => {
  expect(plain.issuer).toBe(plain.url.replace("127.0.0.1", "localhost"));
  expect(await metadataOf(plain)).toMatchObject({
    issuer: plain.issuer,
    scopes_supported: ["read", "write", "admin"],
  });
  expect(await allowedOrigin(plain, "https://myapp.com")).toBeNull();
});

it("prints nothing and takes no signals", () => {
  const [log, write, on = []] = calls;
  expect([log, write]).toEqual([[], []]);
  expect(on.filter(([event]) => String(event).startsWith("SIG"))).toEqual([]);
});

it("is gone once it was closed, as often as that is asked; its port is free again", async () => {
  const port = await freePort();
  const config = { ...quiet, port, ephemeral: true, masterKey: generateMasterKey() };
  const first = await startDacapo(config);
  const late = { ...quiet, port, masterKey: generateMasterKey(), dataDir: join(folder.path, "late") };
  await expect(startDacapo(late)).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
  // The log that was opened is closed again: SQLite has taken its journal away.
  expect(readdirSync(late.dataDir)).toContain("log.db");
  expect(readdirSync(late.dataDir)).not.toContain("log.db-wal");
  await Promise.all([first.close(), first.close()]);
  await expect(fetch(first.url)).rejects.toThrow("fetch failed");
  const second = await startDacapo(config);
  expect((await fetch(second.url)).status).toBe(200);
  await second.close();
});

describe("a wrong configuration", () => {
  it("is refused with all that is wrong", async () => {
    const wrong = { port: 70_000, oauth: { session_ttl_minutes: 15 }, whitelist: ["somewhere"] };
    const failed = startDacapo(wrong as RemoteMCPConfig);
    await expect(failed).rejects.toBeInstanceOf(ConfigurationError);
    await expect(failed).rejects.toThrow(
      /^oauth.session_ttl_minutes: belongs in session.*\n.*whitelist: .*\nport: /s,
    );
  });

  it("is one without a master key", async () => {
    await expect(startDacapo({ ...quiet, dataDir: join(folder.path, "other") })).rejects.toThrow(
      "masterKey: there is none.",
    );
  });

  it("is a host that is not this machine's", async () => {
    const config = { ...quiet, host: "192.0.2.1", ephemeral: true, masterKey: generateMasterKey() };
    await expect(startDacapo(config)).rejects.toThrow("EADDRNOTAVAIL");
  });
});
