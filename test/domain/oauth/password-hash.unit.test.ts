import { describe, expect, it } from "vitest";
import { passwordHashFault } from "../../../domain/oauth/password-hash.ts";

const salt = "c2FsdHNhbHRzYWx0c2FsdA";
const hash = "aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
const argon2 = (cost: string, kind = "argon2id") => `$${kind}$v=19$${cost}$${salt}$${hash}`;
const pbkdf2 = (cost: string, digest = "sha256") => `$pbkdf2-${digest}$${cost}$${salt}$${hash}`;
const bcrypt = (cost: string, kind = "2b") => `$${kind}$${cost}$${"a".repeat(53)}`;

describe("a hash of another product is taken over", () => {
  it.each([
    argon2("m=19456,t=2,p=1"),
    argon2("m=7168,t=5,p=1", "argon2i"),
    argon2("m=65536,t=4,p=4"),
    pbkdf2("i=25000,l=32"),
    pbkdf2("i=600000,l=32", "sha512"),
    pbkdf2("i=1000000,l=32", "sha256"),
    pbkdf2("i=27500,l=32", "sha1"),
    bcrypt("10"),
    bcrypt("12", "2y"),
  ])("%s", (text) => expect(passwordHashFault(text)).toBeUndefined());
});

describe("a hash of another product is refused", () => {
  it.each([
    [argon2("m=4194304,t=1,p=1"), "costs too much"],
    [argon2("m=65536,t=5,p=1"), "costs too much"],
    [argon2("m=65536,t=1,p=17"), "costs too much"],
    [argon2("m=19456,t=0,p=1"), "parameters"],
    [argon2("m=7,t=1,p=1"), "parameters"],
    [pbkdf2("i=1000000000,l=32"), "costs too much"],
    [pbkdf2("i=600001,l=32", "sha512"), "costs too much"],
    [pbkdf2("i=0,l=32"), "iterations"],
    [pbkdf2("i=1000,l=64"), "form is broken"],
    [bcrypt("13"), "costs too much"],
    [bcrypt("31"), "costs too much"],
    [bcrypt("10", "2x"), "no kind"],
    [`$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdB$${hash}`, "form is broken"],
    [`$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$${hash}`, "form is broken"],
    ["md5-crypt", "no kind"],
    ["$scrypt$n=16384,r=8,p=1$c2FsdA$aGFzaA", "no kind"],
    ["", "no kind"],
  ])("%s: %s", (text, fault) => expect(passwordHashFault(text)).toContain(fault));
});
