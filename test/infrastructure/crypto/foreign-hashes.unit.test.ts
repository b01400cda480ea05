import { pbkdf2Sync } from "node:crypto";
import { hash as argon2 } from "@node-rs/argon2";
import { hash as bcrypt } from "@node-rs/bcrypt";
import { describe, expect, it } from "vitest";
import { createPasswords } from "../../../infrastructure/crypto/passwords.ts";

const bare = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");

/** A hash as Keycloak and Hydra make them: 64 bytes of SHA-256 are two blocks, of SHA-1 four. */
function pbkdf2(password: string, digest: "sha1" | "sha256" | "sha512", iterations = 1_000, length = 64) {
  const salt = Buffer.from("a salt of 16 byt");
  const made = pbkdf2Sync(password, salt, iterations, length, digest);
  return `$pbkdf2-${digest}$i=${iterations},l=${length}$${bare(salt)}$${bare(made)}`;
}

const passwords = createPasswords();

const byBcrypt = await bcrypt("pässword", 4);
const byPhp = byBcrypt.replace(/^\$2b/, "$2y");
const cheaper = await argon2("pässword", { memoryCost: 7_168, timeCost: 5 });

describe("a password against the hash of another product", () => {
  it.each([
    ["pbkdf2 with SHA-1", pbkdf2("pässword", "sha1")],
    ["pbkdf2 with SHA-256", pbkdf2("pässword", "sha256")],
    ["pbkdf2 with SHA-512", pbkdf2("pässword", "sha512")],
    ["a short pbkdf2", pbkdf2("pässword", "sha512", 1_000, 32)],
    ["bcrypt", byBcrypt],
    ["bcrypt of PHP", byPhp],
    ["argon2id of other costs", cheaper],
  ])("%s", async (_, hash) => {
    expect(await passwords.verify("pässword", hash)).toBe(true);
    expect(await passwords.verify("password", hash)).toBe(false);
    expect(passwords.isCurrent(hash)).toBe(false);
  });

  it("is never right where nothing matches", async () => {
    expect(await passwords.verify("", passwords.unmatchable)).toBe(false);
    expect(passwords.isCurrent(passwords.unmatchable)).toBe(true);
    expect(passwords.isCurrent(await passwords.hash("secret"))).toBe(true);
  });

  it("takes no less for an unknown user once such a hash was checked", async () => {
    const fresh = createPasswords();
    const dear = pbkdf2("secret", "sha512", 400_000);
    const start = performance.now();
    await fresh.verify("wrong", dear);
    const known = performance.now() - start;
    const from = performance.now();
    await fresh.verify("wrong", undefined);
    expect(performance.now() - from).toBeGreaterThan(Math.min(known, 2_000) * 0.9);
  });
});
