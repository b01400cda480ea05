import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { importJWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalog, decode } from "../../application/events/catalog.ts";
import type { StoredEvent } from "../../application/ports/event-store.ts";
import { parseRefreshToken } from "../../domain/oauth/token-forms.ts";
import { DacapoProcess } from "../faults/dacapo-process.ts";
import {
  authorizePath,
  codeForm,
  type FlowClient,
  refreshForm,
  requestToken,
  type Tokens,
  tokensOf,
} from "../support/code-flow.ts";
import { factsOf, rowsOf } from "../support/command-output.ts";
import { envOfFirstVersion, firstVersion, placeFirstVersion } from "../support/first-version.ts";
import { freePort } from "../support/free-port.ts";
import { Person } from "../support/person.ts";
import { readLog } from "../support/read-log.ts";
import { basic, bearer, postForm, sendJson } from "../support/requests.ts";
import { type CliResult, runCli } from "../support/server-process.ts";
import { shapeDifferences } from "../support/shape.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const { clients, password, resource, tokens, refreshTokens } = firstVersion;
const folder = temporaryFolder();
const dataDir = placeFirstVersion(folder.path);
const env = envOfFirstVersion(dataDir);
const golden: readonly Pick<StoredEvent, "type" | "version" | "data">[] = JSON.parse(
  readFileSync(new URL("../golden/events.json", import.meta.url), "utf8"),
);
let server: DacapoProcess;
let address: string;
let events: readonly StoredEvent[];
const formats: unknown[] = [];

function formatNow(): unknown {
  const db = new DatabaseSync(join(dataDir, "log.db"), { readOnly: true });
  const found = db.prepare("SELECT format FROM meta").get()?.format;
  db.close();
  return found;
}

const cli = (...args: readonly string[]): Promise<CliResult> => runCli(args, { env });

beforeAll(async () => {
  formats.push(formatNow());
  events = await readLog(dataDir);
  formats.push(formatNow());
  const port = await freePort();
  address = `http://localhost:${port}`;
  server = new DacapoProcess({
    name: "server",
    args: ["serve", "--port", String(port), "--registration", "open"],
    ready: /Metadata/,
    env,
  });
  await server.start();
});
afterAll(async () => {
  await server.stop();
  folder[Symbol.dispose]();
});

async function introspect(token: string, { id, secret } = resource) {
  const response = await postForm(`${address}/auth/introspect`, { token }, basic(id, secret));
  expect(response.status).toBe(200);
  const { active, scope } = (await response.json()) as { active: boolean; scope?: string };
  return { active, scope };
}

async function person(username: string, secret = password): Promise<Person> {
  const someone = new Person(address);
  expect((await someone.signIn(username, secret)).status).toBe(303);
  return someone;
}

function withCookie(value: string): Person {
  const someone = new Person(address);
  someone.cookies.set("dacapo_session", value);
  return someone;
}

const isSignedIn = async (someone: Person): Promise<boolean> =>
  (await someone.open(authorizePath(clients.web))).status === 200;

describe("a log of the first version", () => {
  it("was in old tables, which the first to open it brought to today's", () => {
    expect(formats).toEqual([1, 2]);
  });

  it("holds old shapes, each of which reads as today's", () => {
    const old = new Set(
      events.filter(({ type, version }) => version < (catalog[type]?.version ?? 0)).map(({ type }) => type),
    );
    expect([...old].sort()).toEqual(["grant.revoked", "session.ended", "session.slid", "session.started"]);
    for (const event of events) expect(() => decode(event)).not.toThrow();
  });

  it("has the shapes that the golden file tells of", () => {
    const byGolden = new Map(golden.map((line) => [`${line.type} ${line.version}`, line.data]));
    const differences = events.flatMap(({ type, version, data }) =>
      shapeDifferences(data, byGolden.get(`${type} ${version}`)).map((path) => `${type}: ${path}`),
    );
    // What stands in a client's keys is the client's own.
    expect(differences.filter((each) => !each.includes(".jwks."))).toEqual([]);
  });

  it("knows which tokens of then live", async () => {
    for (const { name, token, answers } of tokens) {
      const { active, scope } = answers.at(-1) ?? {};
      expect({ name, ...(await introspect(token)) }).toEqual({ name, active, scope });
    }
  });

  it("explains each token at each moment as the server of then answered", async () => {
    const admin = await tokensOf({ address }, await person("alice"), clients.backend, {
      scope: "admin",
    });
    const headers = bearer(admin.access_token);
    for (const { name, token, answers } of tokens)
      for (const { at, active } of answers) {
        const response = await sendJson("POST", `${address}/admin/audit/explain`, { token, at }, headers);
        expect(response.status).toBe(200);
        expect({ name, at, ...((await response.json()) as object) }).toMatchObject({ name, at, active });
      }
  });

  it("lets in whom it let in, and nobody else", async () => {
    await person("alice");
    await person("carol", firstVersion.changedPassword);
    for (const [username, secret] of [
      ["carol", password],
      ["bob", password],
    ] as const)
      expect((await new Person(address).signIn(username, secret)).status).not.toBe(303);
    expect(await isSignedIn(withCookie(firstVersion.session.cookie))).toBe(true);
    expect(await isSignedIn(withCookie(firstVersion.evictedSession.cookie))).toBe(false);
    const late = codeForm(clients.web, firstVersion.unredeemedCode);
    expect((await requestToken({ address }, late)).status).toBe(400);
  });

  it("authenticates its clients and resources by their credentials", async () => {
    const ask = (id: string, secret: string) =>
      postForm(`${address}/auth/token`, { grant_type: "client_credentials" }, basic(id, secret));
    const { machine, rotated, deleted } = clients;
    expect((await ask(machine.id, machine.secret)).status).toBe(200);
    expect((await ask(rotated.id, rotated.secret)).status).toBe(200);
    expect((await ask(rotated.id, rotated.oldSecret)).status).toBe(200);
    expect((await ask(deleted.id, deleted.secret)).status).toBe(401);
    expect(await introspect(tokens[0]?.token ?? "", firstVersion.otherResource)).toMatchObject({
      active: false,
    });
    const { id, registrationToken } = clients.registered;
    const registered = await fetch(`${address}/auth/register/${id}`, { headers: bearer(registrationToken) });
    expect(await registered.json()).toMatchObject({ client_id: id, client_name: "Score reader 2" });
  });

  it("takes the signature of a client's key, but no assertion of then again", async () => {
    const { id, privateJwk, usedAssertion } = clients.signer;
    const ask = (client_assertion: string) =>
      postForm(`${address}/auth/token`, {
        grant_type: "client_credentials",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion,
      });
    const now = Math.floor(Date.parse(firstVersion.writtenUntil) / 1000);
    const fresh = (jti: string) =>
      new SignJWT({ jti })
        .setProtectedHeader({ alg: "ES256", kid: privateJwk.kid ?? "" })
        .setIssuer(id)
        .setSubject(id)
        .setAudience(firstVersion.issuer)
        .setIssuedAt(now)
        .setExpirationTime(now + 120);
    const key = await importJWK(privateJwk, "ES256");
    expect((await ask(await fresh("of today").sign(key))).status).toBe(200);
    expect((await ask(await fresh("of-then").sign(key))).status).toBe(401);
    expect((await ask(usedAssertion)).status).toBe(401);
  });

  it("goes on with its refresh tokens: those that were good, and no other", async () => {
    for (const { name, client, token, isGood } of refreshTokens) {
      const response = await requestToken({ address }, refreshForm(clients[client] as FlowClient, token));
      expect({ name, status: response.status }).toEqual({ name, status: isGood ? 200 : 400 });
      if (!isGood) continue;
      const next = (await response.json()) as Tokens;
      expect(next.refresh_token).not.toBe(token);
      expect(await introspect(next.access_token)).toMatchObject({ active: true });
    }
  });

  it("still takes a spent refresh token of then for a theft", async () => {
    const { token } = firstVersion.spentRefreshToken;
    const newest = tokens.find(({ name }) => name === "… refreshed after ten minutes")?.token ?? "";
    expect(await introspect(newest)).toMatchObject({ active: true });
    expect((await requestToken({ address }, refreshForm(clients.web, token))).status).toBe(400);
    expect(await introspect(newest)).toMatchObject({ active: false });
    const grantId = parseRefreshToken(token)?.grantId;
    const { reason } = (await readLog(dataDir))
      .filter(({ stream, type }) => stream === `grant-${grantId}` && type === "grant.revoked")
      .map(({ data }) => (data as { grant: { reason: string } }).grant)[0] ?? { reason: "" };
    expect(reason).toBe("refresh_token_reused");
  });

  it("is what its proof says, and its read models what a fold gives", async () => {
    expect((await cli("audit", "checkpoint")).code).toBe(0);
    const [verified, replayed, parked] = await Promise.all([
      cli("audit", "verify", "--json"),
      cli("replay", "--json"),
      cli("projector", "parked", "--json"),
    ]);
    expect(factsOf(verified)).toMatchObject({ findings_in_all: 0 });
    expect(factsOf(replayed)).toMatchObject({ differences: 0 });
    expect(rowsOf(parked)).toEqual([]);
  });
});
