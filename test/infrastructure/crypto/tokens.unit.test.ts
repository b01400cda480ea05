import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, importJWK, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import type { AccessTokenClaims } from "../../../application/ports/tokens.ts";
import { sha256 } from "../../../domain/oauth/hash.ts";
import type { SigningKey, SigningKeys } from "../../../domain/signing-key/signing-key.ts";
import { generateMasterKey, parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";
import { createSecrets } from "../../../infrastructure/crypto/secrets.ts";
import { createTokens } from "../../../infrastructure/crypto/tokens.ts";

const secrets = createSecrets(parseKeyRing(generateMasterKey()));
const tokens = createTokens(secrets);
const others = createTokens(createSecrets(parseKeyRing(generateMasterKey())));
const claims: AccessTokenClaims = {
  iss: "https://as.example",
  sub: "user-1",
  aud: ["https://mcp.example/"],
  client_id: "client-1",
  scope: "music:read",
  jti: "AZ.3",
  iat: 1_764_000_000,
  exp: 1_764_000_900,
  auth_time: 1_763_999_000,
  sid: "session-1",
  client_epoch: 0,
  user_epoch: 2,
};
const ofClient: AccessTokenClaims = {
  ...claims,
  auth_time: undefined,
  sid: undefined,
  user_epoch: undefined,
};

let keys: SigningKeys;
beforeAll(async () => {
  const [active, next, old] = await Promise.all([
    tokens.generateKey("ES256", 1),
    tokens.generateKey("EdDSA", 2),
    tokens.generateKey("RS256", 3),
  ]);
  keys = { active, next, activatedAt: 1, retired: [{ ...old, removeAt: 9 }] };
});

describe("signing keys", () => {
  it("are named by their thumbprint (RFC 7638) and publish nothing private", async () => {
    for (const { kid, algorithm, publicJwk } of [keys.active, keys.next, ...keys.retired]) {
      expect(kid).toBe(await calculateJwkThumbprint({ ...publicJwk }));
      expect(publicJwk).toMatchObject({ kid, alg: algorithm, use: "sig" });
      for (const part of ["d", "p", "q", "dp", "dq", "qi"]) expect(publicJwk).not.toHaveProperty(part);
    }
    expect(keys.next.publicJwk).toMatchObject({ kty: "OKP", crv: "Ed25519" });
  });

  it("are sealed for their name", async () => {
    const privateJwk = secrets.open("signing_key", keys.active.sealedPrivateJwk, keys.active.kid);
    expect(JSON.parse(privateJwk ?? "")).toHaveProperty("d");
    await expect(others.signJwt(claims, keys.active)).rejects.toThrow("its master key is not in the ring");
  });
});

describe("JWT access tokens (RFC 9068)", () => {
  it.each(["ES256", "EdDSA", "RS256"] as const)("are signed and verified with %s", async (algorithm) => {
    const key = await tokens.generateKey(algorithm, 1);
    const token = await tokens.signJwt(claims, key);
    expect(decodeProtectedHeader(token)).toEqual({ alg: algorithm, kid: key.kid, typ: "at+jwt" });
    expect(await tokens.verifyJwt(token, { ...keys, active: key })).toBe(true);
    expect(await others.verifyJwt(token, { ...keys, next: key })).toBe(true);
    expect(await tokens.verifyJwt(token, keys)).toBe(false);
  });

  it("carry one audience as a string, several as an array, and nothing undefined", async () => {
    expect(decodeJwt(await tokens.signJwt(ofClient, keys.active))).toEqual(
      JSON.parse(JSON.stringify({ ...ofClient, aud: "https://mcp.example/" })),
    );
    const two = { ...claims, aud: ["https://a.example", "https://b.example"] };
    expect(decodeJwt(await tokens.signJwt(two, keys.active)).aud).toEqual(two.aud);
  });

  it("are read with the audience as an array", async () => {
    expect(tokens.read(await tokens.signJwt(claims, keys.active))).toMatchObject({ claims, isSealed: false });
    expect(tokens.read(await tokens.signJwt(ofClient, keys.active))?.claims).toEqual(ofClient);
  });

  it.each(["", "x", "a.b.c", "dca_1.abc", "eyJhbGciOiJub25lIn0.e30."])("are not read from %j", (token) =>
    expect(tokens.read(token)).toBeUndefined(),
  );

  it("are not verified where anything of them was changed", async () => {
    const [header, payload, signature] = (await tokens.signJwt(claims, keys.active)).split(".");
    const forged = encode({ ...claims, aud: "https://mcp.example/", scope: "admin" });
    expect(await tokens.verifyJwt(`${header}.${payload}.${signature}`, keys)).toBe(true);
    expect(await tokens.verifyJwt(`${header}.${forged}.${signature}`, keys)).toBe(false);
    expect(await tokens.verifyJwt(`${header}.${payload}.`, keys)).toBe(false);
    expect(await tokens.verifyJwt("", keys)).toBe(false);
  });

  it("are never verified unsigned, by HMAC with the public key, or by another algorithm (RFC 8725 §3.1)", async () => {
    const { kid, publicJwk } = keys.active;
    const none = `${encode({ alg: "none", kid, typ: "at+jwt" })}.${encode(claims)}.`;
    const hmac = await new SignJWT({ ...claims, aud: "x" })
      .setProtectedHeader({ alg: "HS256", kid, typ: "at+jwt" })
      .sign(Buffer.from(JSON.stringify(publicJwk)));
    const otherAlgorithm = await sign(keys.active, { kid: keys.next.kid, typ: "at+jwt" });
    for (const token of [none, hmac, otherAlgorithm]) expect(await tokens.verifyJwt(token, keys)).toBe(false);
  });

  it("are no other kind of JWT by the same key (RFC 8725 §3.11)", async () => {
    const { kid } = keys.active;
    expect(await tokens.verifyJwt(await sign(keys.active, { kid, typ: "at+jwt" }), keys)).toBe(true);
    expect(await tokens.verifyJwt(await sign(keys.active, { kid, typ: "JWT" }), keys)).toBe(false);
    expect(await tokens.verifyJwt(await sign(keys.active, { kid }), keys)).toBe(false);
    expect(await tokens.verifyJwt(await sign(keys.active, { typ: "at+jwt" }), keys)).toBe(false);
  });

  it("are never verified by a key that they bring along (RFC 8725 §3.10)", async () => {
    const stranger = await tokens.generateKey("ES256", 1);
    const header = { kid: keys.active.kid, typ: "at+jwt", jwk: stranger.publicJwk };
    expect(await tokens.verifyJwt(await sign(stranger, header), keys)).toBe(false);
  });
});

describe("opaque access tokens", () => {
  it.each([
    ["a user", claims],
    ["a client alone", ofClient],
    ["two audiences", { ...claims, aud: ["https://a.example", "https://b.example"] }],
  ])("give back the claims of %s", (_, given) => {
    const token = tokens.seal(given);
    expect(token).toMatch(/^dca_1\.[\w-]+$/);
    expect(token).not.toContain("user-1");
    const expected = { claims: given, isSealed: true, hash: sha256(token) };
    expect([tokens.read(token), tokens.read(token)]).toEqual([expected, expected]);
  });

  it("are short", () => expect(tokens.seal(claims).length).toBeLessThan(300));

  it("open only where we made them", () => {
    const token = tokens.seal(claims);
    expect(others.read(token)).toBeUndefined();
    expect(tokens.read(token.slice(4))).toBeUndefined();
    expect(tokens.read(`${token}A`)).toBeUndefined();
    expect(tokens.read(`dca_${secrets.seal("access_token", "[0]", "access_token")}`)).toBeUndefined();
    expect(tokens.read("dca_")).toBeUndefined();
  });
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

async function sign(key: SigningKey, header: Record<string, unknown>): Promise<string> {
  const jwk = JSON.parse(secrets.open("signing_key", key.sealedPrivateJwk, key.kid) ?? "");
  const privateKey = await importJWK(jwk, key.algorithm);
  return new SignJWT({ ...claims, aud: "x" })
    .setProtectedHeader({ ...header, alg: key.algorithm })
    .sign(privateKey);
}
