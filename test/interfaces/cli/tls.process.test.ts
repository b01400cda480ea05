import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCa, type TestCa, writeIn, writePair } from "../../support/certificates.ts";
import { factsOf } from "../../support/command-output.ts";
import { trustHere } from "../../support/default-cas.ts";
import { freePort } from "../../support/free-port.ts";
import { Person } from "../../support/person.ts";
import { startRedisTls } from "../../support/redis-tls.ts";
import { runCli, type ServerProcess, startServer } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const bin = fileURLToPath(new URL("../../../interfaces/cli/bin.js", import.meta.url));
const folder = temporaryFolder();
let ca: TestCa;
let caFile: string;
let trusted: Disposable;
/** What a server and a Redis take. */
let files: { readonly certFile: string; readonly keyFile: string };

beforeAll(async () => {
  ca = await makeCa();
  caFile = writeIn(folder.path, "ca.pem", ca.cert);
  trusted = trustHere(ca.cert);
  files = writePair(folder.path, await ca.issue());
});
afterAll(() => {
  trusted[Symbol.dispose]();
  folder[Symbol.dispose]();
});

const tlsFlags = () => ["--tls-cert-file", files.certFile, "--tls-key-file", files.keyFile];

/** Signs in by the command, in this environment; answers what it says once its answer has arrived. */
async function signIn(server: ServerProcess, issuer: string, env: Record<string, string>) {
  const redirectUri = `http://localhost:${await freePort()}/callback`;
  const create = ["client", "create", "--name", "T", "--redirect-uri", redirectUri, "--json"];
  const clientId = factsOf(await server.cli(create)).client_id ?? "";
  const flags = ["--client-id", clientId, "--redirect-uri", redirectUri, "--issuer", issuer];
  const child = spawn(process.execPath, [bin, "sign-in", ...flags], {
    env: { ...process.env, ...env },
    timeout: 20_000,
  });
  const ended = once(child, "close");
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk;
  });
  await expect.poll(() => stderr, { timeout: 20_000 }).toContain("state=");
  const asked = new URL(stderr.split("\n")[1] ?? "");
  const alice = new Person(issuer);
  await alice.signIn("alice");
  const returned = await alice.authorize(Object.fromEntries(asked.searchParams));
  await fetch(`${redirectUri}?${returned}`);
  const [code] = await ended;
  return { code, stdout, stderr };
}

describe("serve by TLS", () => {
  it("lets the command line sign in where it trusts the CA, and says what is missing where not", async () => {
    await using server = await startServer({ flags: tlsFlags() });
    const issuer = server.issuer.replace("http:", "https:");
    expect(server.output()).toContain(`Metadata  ${issuer}/.well-known/`);
    const signedIn = await signIn(server, issuer, { NODE_EXTRA_CA_CERTS: caFile });
    expect(signedIn).toMatchObject({ code: 0, stdout: expect.stringContaining("access_token") });
    const refused = await signIn(server, issuer, { NODE_EXTRA_CA_CERTS: "" });
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /cannot be reached: \w+; no CA that is trusted here .* NODE_EXTRA_CA_CERTS\.\n$/,
      ),
    });
  });

  it("looks at its files on SIGHUP, goes on with what it has, and tells no secret", async () => {
    const own = writePair(folder.path, await ca.issue(), "renewed");
    const flags = ["--tls-cert-file", own.certFile, "--tls-key-file", own.keyFile];
    await using server = await startServer({ flags });
    const asked = async () => (await fetch(`${server.issuer.replace("http:", "https:")}/livez`)).status;
    writeFileSync(own.keyFile, "half-written-secret");
    process.kill(server.pid, "SIGHUP");
    await expect.poll(server.output, { timeout: 5_000 }).toContain("tlsKeyFile: ");
    expect(await asked()).toBe(200);
    writePair(folder.path, await ca.issue(), "renewed");
    process.kill(server.pid, "SIGHUP");
    await expect.poll(server.output, { timeout: 5_000 }).toContain("the TLS certificate was replaced");
    expect(await asked()).toBe(200);
    expect(server.output()).not.toMatch(/half-written-secret|PRIVATE/);
    expect(await server.stop()).toBe(0);
  });

  it("also answers by it while it waits for an engine", async () => {
    using data = temporaryFolder();
    const port = await freePort();
    const away = `redis://127.0.0.1:${await freePort()}`;
    const flags = ["--demo", "--data-dir", data.path, "--port", String(port), "--redis-url", away];
    const args = [bin, "serve", "--no-worker", ...flags, ...tlsFlags()];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, NODE_ENV: "test" },
      stdio: "ignore",
    });
    const ended = once(child, "close");
    const status = async () =>
      (await fetch(`https://localhost:${port}/readyz`).catch(() => undefined))?.status;
    await expect.poll(status, { timeout: 20_000 }).toBe(503);
    child.kill("SIGTERM");
    await ended;
  });
});

describe("serve over a Redis that speaks TLS", () => {
  it("answers where it is trusted and knows its client; else it does not start, and says why", async () => {
    await using redis = await startRedisTls({ ...files, caFile, authClients: true });
    const client = writePair(folder.path, await ca.issue({ name: "dacapo" }), "client");
    const known = ["--redis-cert-file", client.certFile, "--redis-key-file", client.keyFile];
    const trusting = ["--redis-url", redis.url, "--redis-ca-file", caFile];
    {
      await using server = await startServer({ flags: [...trusting, ...known] });
      await expect.poll(async () => (await fetch(`${server.issuer}/readyz`)).status).toBe(200);
      expect((await server.cli(["user", "list", ...trusting, ...known])).stdout).toContain("alice");
    }
    using data = temporaryFolder();
    const start = ["serve", "--demo", "--data-dir", data.path, "--port", String(await freePort())];
    const untrusted = await runCli([...start, "--redis-url", redis.url]);
    expect(untrusted.code).toBe(1);
    expect(untrusted.stderr).toMatch(
      /^The configuration is wrong\.\nredisUrl: .* no CA that is trusted .* redisCaFile/m,
    );
    const unknown = await runCli([...start, ...trusting]);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toMatch(/redisUrl: .* redisCertFile and redisKeyFile/);
  });
});

describe("config check", () => {
  const check = async (flags: readonly string[]) => {
    const checked = await runCli([
      "config",
      "check",
      "--demo",
      "--json",
      "--data-dir",
      folder.path,
      ...flags,
    ]);
    return JSON.parse(checked.stdout) as {
      errors: { field: string; message: string }[];
      warnings: { setting: string }[];
    };
  };

  it("names what serve would refuse of the files, and a key that everybody can read", async () => {
    const none = join(folder.path, "none.pem");
    const open = writeIn(folder.path, "open.key", "");
    writePair(folder.path, await ca.issue(), "open");
    chmodSync(open, 0o644);
    const { errors, warnings } = await check([
      ...["--tls-cert-file", none, "--tls-key-file", open],
      ...["--redis-url", "rediss://redis", "--redis-ca-file", none],
    ]);
    expect(errors).toEqual([
      { field: "tlsCertFile", message: `there is no file ${none}` },
      { field: "redisCaFile", message: `there is no file ${none}` },
    ]);
    expect(warnings.map(({ setting }) => setting)).toContain("tlsKeyFile");
  });

  it("has nothing to say of a certificate that is right", async () => {
    const { errors, warnings } = await check(tlsFlags());
    expect(errors).toEqual([]);
    expect(warnings.map(({ setting }) => setting)).not.toContain("tlsKeyFile");
  });
});
