import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { createClientAssertions } from "../../../infrastructure/crypto/client-assertions.ts";

const issuer = "https://as.example";
const clientId = "client-1";
const now = 1_764_000_000_000;
const seconds = now / 1000;

const keys = new Map<string, { privateKey: CryptoKey; jwk: JWK }>();
beforeAll(async () => {
  for (const [kid, algorithm] of [
    ["a", "ES256"],
    ["b", "ES256"],
    ["ed", "EdDSA"],
    ["rsa", "PS256"],
    ["es512", "ES512"],
  ] as const) {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
    keys.set(kid, { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm } });
  }
});

const { claimedClientId, verify } = createClientAssertions({
  issuer,
  fetchJson: () => Promise.reject(new Error("nothing is fetched here")),
});

describe("client assertions (RFC 7523 §3)", () => {
  it.each(["a", "ed", "rsa"])("are accepted where key %s of the client signed them", async (kid) => {
    const assertion = await sign({}, { kid });
    expect(claimedClientId(assertion)).toBe(clientId);
    expect(await verify(assertion, client("a", "ed", "rsa"), now)).toEqual({
      jti: "j1",
      expiresAt: now + 60_000,
    });
  });

  it("are accepted without a kid, whichever of several keys fits", async () =>
    expect(await verify(await sign({}, { kid: "b", named: false }), client("a", "b"), now)).toBeDefined());

  it.each([
    ["exp as far ahead as it may be", { exp: seconds + 300 }],
    ["a clock that is a little ahead", { exp: seconds + 305, iat: seconds + 5, nbf: seconds + 5 }],
    ["no iat", { iat: undefined }],
  ])("are accepted with %s", async (_, claims) =>
    expect(await verify(await sign(claims), client("a"), now)).toBeDefined(),
  );

  it.each([
    ["another issuer", { iss: "client-2" }],
    ["another subject", { sub: "client-2" }],
    ["no issuer", { iss: undefined }],
    ["another audience", { aud: "https://other.example" }],
    ["the token endpoint as audience", { aud: `${issuer}/auth/token` }],
    ["our issuer in an array", { aud: [issuer] }],
    ["no audience", { aud: undefined }],
    ["no exp", { exp: undefined }],
    ["exp just passed", { exp: seconds }],
    ["exp too far ahead", { exp: seconds + 311 }],
    ["iat in the future", { iat: seconds + 11 }],
    ["nbf in the future", { nbf: seconds + 11 }],
    ["no jti", { jti: undefined }],
    ["an empty jti", { jti: "" }],
    ["a jti of 257 characters", { jti: "j".repeat(257) }],
    ["a jti that is no string", { jti: 1 }],
  ])("are refused with %s", async (_, claims) =>
    expect(await verify(await sign(claims), client("a"), now)).toBeUndefined(),
  );

  it("are refused where another key signed them, under its own name or another", async () => {
    const { privateKey } = keyOf("b");
    expect(await verify(await sign({}, { kid: "b" }), client("a"), now)).toBeUndefined();
    expect(await verify(await sign({}, { kid: "a", privateKey }), client("a"), now)).toBeUndefined();
    expect(await verify(await sign({}, { kid: "ed", named: false }), client("a", "b"), now)).toBeUndefined();
    const stranger = await generateKeyPair("ES256");
    const unnamed = await sign({}, { kid: "a", named: false, privateKey: stranger.privateKey });
    expect(await verify(unnamed, client("a", "b"), now)).toBeUndefined();
  });

  it("are refused with an algorithm that is not on the list, unsigned, or by HMAC", async () => {
    const secret = Buffer.alloc(32, 1);
    const octet = { kty: "oct", k: secret.toString("base64url"), kid: "oct" };
    const hmac = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: "oct" }).sign(secret);
    const unsigned = `${encode({ alg: "none" })}.${encode(claims())}.`;
    expect(await verify(await sign({}, { kid: "es512" }), client("es512"), now)).toBeUndefined();
    expect(await verify(hmac, { ...client(), jwks: { keys: [octet] } }, now)).toBeUndefined();
    expect(await verify(unsigned, client("a"), now)).toBeUndefined();
  });

  it("are refused for a client without keys, and where they are no JWT", async () => {
    expect(await verify(await sign({}), { clientId, jwks: null, jwksUri: null }, now)).toBeUndefined();
    for (const garbage of ["", "x", "a.b.c"]) {
      expect(claimedClientId(garbage)).toBeUndefined();
      expect(await verify(garbage, client("a"), now)).toBeUndefined();
    }
  });
});

describe("keys by reference", () => {
  const jwksUri = "https://client.example/jwks";
  const byReference = { clientId, jwks: null, jwksUri };

  function remote(...kids: string[]) {
    const site = { published: kids, fetches: 0, isDown: false };
    const assertions = createClientAssertions({
      issuer,
      async fetchJson(url) {
        expect(url).toBe(jwksUri);
        site.fetches += 1;
        if (site.isDown) throw new Error("down");
        return { keys: site.published.map((kid) => keyOf(kid).jwk) };
      },
    });
    const accepts = async (kid: string, after: number) => {
      const at = now + after;
      const assertion = await sign({ iat: at / 1000, exp: at / 1000 + 60 }, { kid });
      return (await assertions.verify(assertion, byReference, at)) !== undefined;
    };
    return { site, accepts };
  }

  it("are fetched once for five minutes", async () => {
    const { site, accepts } = remote("a");
    for (const at of [0, 1, 299_000]) expect(await accepts("a", at)).toBe(true);
    expect(site.fetches).toBe(1);
    expect(await accepts("a", 300_000)).toBe(true);
    expect(site.fetches).toBe(2);
  });

  it("are fetched again for an unknown key, but not more often than each 30 s", async () => {
    const { site, accepts } = remote("a");
    expect(await accepts("a", 0)).toBe(true);
    site.published = ["b"];
    expect(await accepts("b", 29_000)).toBe(false);
    expect(site.fetches).toBe(1);
    expect(await Promise.all([accepts("b", 30_000), accepts("b", 30_000)])).toEqual([true, true]);
    expect(site.fetches).toBe(2);
    expect(await accepts("a", 31_000)).toBe(false);
    expect(site.fetches).toBe(2);
  });

  it("are not believed for longer where they cannot be fetched, which is not tried all the time", async () => {
    const { site, accepts } = remote("a");
    site.isDown = true;
    expect(await accepts("a", 0)).toBe(false);
    expect(await accepts("a", 29_000)).toBe(false);
    expect(site.fetches).toBe(1);
    site.isDown = false;
    expect(await accepts("a", 30_000)).toBe(true);
  });

  it("stay known where an unknown key made a fetch fail", async () => {
    const { site, accepts } = remote("a");
    expect(await accepts("a", 0)).toBe(true);
    site.isDown = true;
    expect(await accepts("b", 60_000)).toBe(false);
    expect(await accepts("a", 61_000)).toBe(true);
    expect(await accepts("b", 62_000)).toBe(false);
    expect(site.fetches).toBe(2);
    expect(await accepts("a", 300_000)).toBe(false);
  });

  it("are refused where they are no key set", async () => {
    const assertions = createClientAssertions({ issuer, fetchJson: async () => "no keys" });
    expect(await assertions.verify(await sign({}), byReference, now)).toBeUndefined();
  });
});

const claims = (changed: Record<string, unknown> = {}): Record<string, unknown> => ({
  iss: clientId,
  sub: clientId,
  aud: issuer,
  jti: "j1",
  iat: seconds,
  exp: seconds + 60,
  ...changed,
});

async function sign(
  changed: Record<string, unknown>,
  { kid = "a", named = true, privateKey = keyOf(kid).privateKey } = {},
): Promise<string> {
  const alg = keyOf(kid).jwk.alg ?? "";
  return new SignJWT(claims(changed)).setProtectedHeader({ alg, ...(named ? { kid } : {}) }).sign(privateKey);
}

function keyOf(kid: string) {
  const key = keys.get(kid);
  if (!key) throw new Error(`no key ${kid}`);
  return key;
}

const client = (...kids: string[]) => ({
  clientId,
  jwks: { keys: kids.map((kid) => ({ ...keyOf(kid).jwk })) },
  jwksUri: null,
});
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
