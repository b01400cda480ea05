import { describe, expect, it } from "vitest";
import { generateMasterKey, InvalidKeyRing, parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";

const bytes = Buffer.from(Array.from({ length: 32 }, (_, i) => 255 - i));
const key = bytes.toString("base64url");

describe("a master key ring", () => {
  it.each([
    ["base64url", key],
    ["base64", bytes.toString("base64")],
  ])("takes a single bare key as %s for version 1", (_, text) =>
    expect(parseKeyRing(text)).toEqual({ newest: 1, keys: new Map([[1, bytes]]) }),
  );

  it("takes versions in any order, separated by commas, whitespace and newlines", () => {
    const ring = parseKeyRing(` ${generateMasterKey(2)},\n${generateMasterKey(10)} ${generateMasterKey()}\n`);
    expect(ring.newest).toBe(10);
    expect([...ring.keys.keys()]).toEqual([2, 10, 1]);
  });

  it("never makes the same key twice", () => expect(generateMasterKey()).not.toBe(generateMasterKey()));

  it.each([
    ["nothing", " \n", /empty/],
    ["a short key", `1:${key.slice(0, 40)}`, /32 bytes.*got 40 characters/],
    ["a long key", `1:${key}AA`, /32 bytes.*got 45 characters/],
    ["other characters", `1:${key.slice(0, 42)}!`, /32 bytes/],
    ["version 0", `0:${key}`, /entry 1 of 1: the version/],
    ["version and key swapped", `${key}:1`, /entry 1 of 1: the version/],
    ["two bare keys", `${key},${key}`, /entry 1 of 2: several keys need a version/],
    ["a version twice", `1:${key} 1:${key}`, /entry 2 of 2: version 1 stands there twice/],
  ])("refuses %s without showing a key", (_, text, message) => {
    const parse = () => parseKeyRing(text);
    expect(parse).toThrow(InvalidKeyRing);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(key.slice(0, 20));
  });
});
