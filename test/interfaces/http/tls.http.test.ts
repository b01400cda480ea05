import { once } from "node:events";
import { Agent, request } from "node:https";
import { connect as connectPlain } from "node:net";
import { text } from "node:stream/consumers";
import { connect, type TLSSocket } from "node:tls";
import * as oidc from "openid-client";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Dacapo, startDacapo } from "../../../interfaces/embedded/index.ts";
import { makeCa, type TestCa, writeIn, writePair } from "../../support/certificates.ts";
import { trustHere } from "../../support/default-cas.ts";
import { Person } from "../../support/person.ts";
import { startTestServer } from "../../support/server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const quiet = { logLevel: "silent", port: 0, demo: true, ephemeral: true, mcp: false } as const;
const folder = temporaryFolder();
let ca: TestCa;
let trusted: Disposable;
let dacapo: Dacapo;
let files: { readonly tlsCertFile: string; readonly tlsKeyFile: string };

beforeAll(async () => {
  ca = await makeCa();
  trusted = trustHere(ca.cert);
  const { certFile, keyFile } = writePair(folder.path, await ca.issue());
  files = { tlsCertFile: certFile, tlsKeyFile: keyFile };
  dacapo = await startDacapo({ ...quiet, ...files, registration: "open" });
});
afterAll(async () => {
  await dacapo.close();
  trusted[Symbol.dispose]();
  folder[Symbol.dispose]();
});

const portOf = ({ url }: Dacapo) => Number(new URL(url).port);

/** A GET over this agent: its status and the certificate that was shown. */
async function get(agent: Agent, path = "/auth/jwks", server = dacapo) {
  const asked = request(`${server.issuer}${path}`, { agent }).end();
  const [answer] = await once(asked, "response");
  const cert = (answer.socket as TLSSocket).getPeerX509Certificate()?.toString();
  await text(answer);
  return { status: answer.statusCode as number, cert };
}

/** What is answered to these bytes until the connection ends. */
async function sent(bytes: string, options: { tls: boolean }): Promise<string> {
  const at = { port: portOf(dacapo), host: "127.0.0.1" };
  const socket = options.tls ? connect(at) : connectPlain(at);
  socket.on("error", () => undefined);
  socket.write(bytes);
  return await text(socket).catch(() => "");
}

describe("a server with a certificate", () => {
  it("is known and listens by https", async () => {
    expect(dacapo.issuer).toBe(`https://localhost:${portOf(dacapo)}`);
    expect(dacapo.url).toBe(`https://127.0.0.1:${portOf(dacapo)}`);
  });

  it("carries a client from discovery over sign-in to its tokens (RFC 8414, RFC 6749 section 1.6)", async () => {
    const redirect_uri = "http://localhost:3000/callback";
    const options: oidc.DiscoveryRequestOptions = { algorithm: "oauth2" };
    const metadata = { redirect_uris: [redirect_uri], token_endpoint_auth_method: "none", client_name: "T" };
    const issuer = new URL(dacapo.issuer);
    const registered = await oidc.dynamicClientRegistration(issuer, metadata, oidc.None(), options);
    const { client_id } = registered.clientMetadata();
    const config = await oidc.discovery(issuer, client_id, undefined, oidc.None(), options);
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    const expectedState = oidc.randomState();
    const asked = oidc.buildAuthorizationUrl(config, {
      redirect_uri,
      scope: "read",
      state: expectedState,
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
    });
    const alice = new Person(dacapo.issuer);
    await alice.signIn("alice");
    expect([...alice.cookies.keys()].every((name) => name.startsWith("__Host-"))).toBe(true);
    const returned = await alice.authorize(Object.fromEntries(asked.searchParams));
    const callback = new URL(`${redirect_uri}?${returned}`);
    const tokens = await oidc.authorizationCodeGrant(config, callback, { pkceCodeVerifier, expectedState });
    expect(tokens).toMatchObject({ token_type: "bearer", scope: "read" });
  });

  it("takes a new certificate between requests: none fails, and new connections are shown it", async () => {
    const keepAlive = new Agent({ keepAlive: true, maxSockets: 4 });
    onTestFinished(() => keepAlive.destroy());
    const { cert: before } = await get(keepAlive);
    const statuses: number[] = [];
    const running = new AbortController();
    const load = Array.from({ length: 4 }, async (_, index) => {
      while (!running.signal.aborted)
        statuses.push((await get(index % 2 === 0 ? keepAlive : new Agent({ keepAlive: false }))).status);
    });
    const renewed = await ca.issue();
    writePair(folder.path, renewed);
    const shown = async () => (await get(new Agent({ keepAlive: false }))).cert;
    await expect.poll(shown, { timeout: 10_000, interval: 100 }).toBe(renewed.cert);
    running.abort();
    await Promise.all(load);
    expect(before).not.toBe(renewed.cert);
    expect(statuses.length).toBeGreaterThan(20);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it("ends a connection that speaks plain HTTP to it", async () => {
    expect(await sent("GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n", { tls: false })).not.toContain(
      "200",
    );
    expect((await fetch(`${dacapo.issuer}/health`)).status).toBe(200);
  });

  it("answers what is no HTTP under TLS by 400", async () => {
    expect(await sent("nonsense\r\n\r\n", { tls: true })).toMatch(/^HTTP\/1\.1 400 .*not well-formed HTTP/s);
  });

  it("agrees on TLS 1.2 and newer only (RFC 9325 section 3.1.1)", async () => {
    const agreed = async (maxVersion: "TLSv1.1" | "TLSv1.2" | "TLSv1.3") => {
      // OpenSSL itself offers old versions at the lowest level only.
      const low = { minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
      const socket = connect({ port: portOf(dacapo), host: "127.0.0.1", maxVersion, ...low });
      const protocol = await once(socket, "secureConnect").then(
        () => socket.getProtocol(),
        ({ code }) => code,
      );
      socket.destroy();
      return protocol;
    };
    expect(await agreed("TLSv1.3")).toBe("TLSv1.3");
    expect(await agreed("TLSv1.2")).toBe("TLSv1.2");
    expect(await agreed("TLSv1.1")).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
  });
});

describe("a server with CAs for its clients", () => {
  let guarded: Dacapo;
  beforeAll(async () => {
    const tlsClientCaFile = writeIn(folder.path, "client-ca.pem", ca.cert);
    guarded = await startDacapo({ ...quiet, ...files, tlsClientCaFile });
  });
  afterAll(() => guarded.close());

  it("lets in who has a certificate by one of them", async () => {
    expect((await get(new Agent(await ca.issue()), "/health", guarded)).status).toBe(200);
  });

  it.each([
    ["none", async () => ({})],
    ["one by another CA of the same name", async () => await (await makeCa()).issue()],
    ["one that has expired", async () => await ca.issue({ validUntil: new Date(Date.now() - 1_000) })],
  ])("refuses who has %s", async (_, pair) => {
    await expect(get(new Agent(await pair()), "/health", guarded)).rejects.toThrow(
      /ECONNRESET|socket hang up|alert/,
    );
  });
});

describe("Strict-Transport-Security (RFC 6797)", () => {
  const hstsOf = async (url: string, headers = {}) =>
    (await fetch(`${url}/health`, { headers })).headers.get("strict-transport-security");

  it("is sent, for a year and this host alone, where the issuer is https: natively", async () => {
    const named = await startDacapo({ ...quiet, ...files, issuer: "https://auth.example.com" });
    onTestFinished(() => named.close());
    expect(await hstsOf(named.url)).toBe("max-age=31536000");
  });

  it("and behind a trusted proxy, whatever that says of the scheme", async () => {
    await using proxied = await startTestServer({
      issuer: "https://auth.example.com",
      trustProxy: "127.0.0.1",
      rateLimit: true,
      mcp: false,
    });
    const forwarded = { "x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "https" };
    expect(await hstsOf(proxied.address, forwarded)).toBe("max-age=31536000");
    expect(await hstsOf(proxied.address)).toBe("max-age=31536000");
  });

  it("not on loopback, where it would be kept for every other server of the machine", async () => {
    expect(await hstsOf(dacapo.issuer)).toBeNull();
  });

  it("not over plain HTTP", async () => {
    await using plain = await startTestServer({ mcp: false });
    expect(await hstsOf(plain.address)).toBeNull();
  });
});
