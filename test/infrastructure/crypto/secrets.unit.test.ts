import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { generateMasterKey, parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";
import { createSecrets } from "../../../infrastructure/crypto/secrets.ts";

const key1 = generateMasterKey(1);
const key2 = generateMasterKey(2);
const before = createSecrets(parseKeyRing(key1));
const after = createSecrets(parseKeyRing(`${key1},${key2}`));
const later = createSecrets(parseKeyRing(key2));

describe("randomness", () => {
  it("makes 256 bits", () => {
    expect(before.random()).toMatch(/^[\w-]{43}$/);
    expect(before.random()).not.toBe(before.random());
  });

  it("makes ids of 22 characters that are UUIDv7 and grow", () => {
    const ids = Array.from({ length: 1_000 }, () => before.newId());
    const uuids = ids.map((id) => Buffer.from(id, "base64url").toString("hex"));
    expect(ids.every((id) => /^[\w-]{22}$/.test(id))).toBe(true);
    expect(uuids.every((hex) => hex.length === 32 && hex[12] === "7")).toBe(true);
    const times = uuids.map((hex) => hex.slice(0, 12));
    expect(times).toEqual([...times].sort());
    expect(new Set(ids).size).toBe(ids.length);
    expect(before.newEventId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });
});

describe("what can be derived again", () => {
  const origin = { nonce: "n", keyVersion: 1, time: Date.UTC(2026, 0, 1) };
  const drawn = (secrets = before, from = origin) => {
    const { random, newId } = secrets.derived(from);
    return [random(), newId(), random(), newId()];
  };

  it("is the same from the same origin, in the same order, whatever key is the newest", () => {
    expect(drawn()).toEqual(drawn(after));
    expect(new Set(drawn()).size).toBe(4);
    expect(drawn()[0]).toMatch(/^[\w-]{43}$/);
  });

  it("is another from another origin or key, and cannot be had without the key", () => {
    expect(drawn(before, { ...origin, nonce: "other" })[0]).not.toBe(drawn()[0]);
    expect(drawn(after, { ...origin, keyVersion: 2 })[0]).not.toBe(drawn()[0]);
    expect(() => drawn(later)).toThrow(RangeError);
  });

  it("has ids that are UUIDv7 of its time", () => {
    const [, id = ""] = drawn();
    const hex = Buffer.from(id, "base64url").toString("hex");
    expect([hex.length, hex[12], Number.parseInt(hex.slice(0, 12), 16)]).toEqual([32, "7", origin.time]);
  });
});

describe("MACs", () => {
  it("are the same for the same purpose, message and version, and name the version", () => {
    const mac = before.mac("username_index", "ada");
    expect(mac).toEqual({ value: expect.stringMatching(/^[\w-]{43}$/), keyVersion: 1 });
    expect(after.mac("username_index", "ada", 1)).toEqual(mac);
    expect(after.mac("username_index", "ada").keyVersion).toBe(2);
  });

  it("differ by purpose and message", () => {
    const values = [before.mac("csrf", "a"), before.mac("csrf", "b"), before.mac("refresh_token", "a")];
    expect(new Set(values.map(({ value }) => value)).size).toBe(3);
  });

  it("come under every version, newest first", () =>
    expect(after.macs("username_index", "ada")).toEqual([
      after.mac("username_index", "ada", 2),
      after.mac("username_index", "ada", 1),
    ]));

  it("refuse a version that is not in the ring", () =>
    expect(() => before.mac("csrf", "a", 2)).toThrow("version 2"));
});

describe("sealed values", () => {
  const sealed = before.seal("signing_key", "grüße", "kid");

  it("name their key version, hide the text and never repeat", () => {
    expect(sealed).toMatch(/^1\.[\w-]+$/);
    expect(before.seal("signing_key", "grüße", "kid")).not.toBe(sealed);
    expect(after.seal("signing_key", "x", "kid")).toMatch(/^2\./);
  });

  it("open under the same purpose and context, also after a newer key came", () => {
    expect(before.open("signing_key", sealed, "kid")).toBe("grüße");
    expect(after.open("signing_key", sealed, "kid")).toBe("grüße");
    expect(before.open("csrf", before.seal("csrf", "", ""), "")).toBe("");
  });

  it.each([
    ["another purpose", () => before.open("csrf", sealed, "kid")],
    ["another context", () => before.open("signing_key", sealed, "other")],
    ["a key that is gone", () => later.open("signing_key", sealed, "kid")],
    ["another version", () => after.open("signing_key", sealed.replace("1.", "2."), "kid")],
    ["a changed byte", () => before.open("signing_key", flip(sealed, 10), "kid")],
    ["a changed tag", () => before.open("signing_key", flip(sealed, sealed.length - 3), "kid")],
    ["a piece cut off", () => before.open("signing_key", sealed.slice(0, -4), "kid")],
    ["another spelling", () => before.open("signing_key", `${sealed}=`, "kid")],
    ["a version spelt otherwise", () => before.open("signing_key", `0${sealed}`, "kid")],
    ["no sealed value", () => before.open("signing_key", "1.", "kid")],
    ["nothing", () => before.open("signing_key", "", "kid")],
  ])("do not open with %s", (_, open) => expect(open()).toBeUndefined());
});

describe("data keys", () => {
  const key = before.newDataKey("user-1");
  const sealed = before.sealWith(key, "ada@example.com", "e-mail");

  it("open what they sealed, in another process and after a newer master key came", () => {
    expect(before.openWith(key, sealed, "e-mail")).toBe("ada@example.com");
    expect(after.openWith(key, sealed, "e-mail")).toBe("ada@example.com");
  });

  it("are useless without their contexts, for another person, or without the master key", () => {
    const elsewhere = { ...key, context: "user-2" };
    expect(before.openWith(elsewhere, sealed, "e-mail")).toBeUndefined();
    expect(before.openWith(key, sealed, "username")).toBeUndefined();
    expect(before.openWith(before.newDataKey("user-1"), sealed, "e-mail")).toBeUndefined();
    expect(later.openWith(key, sealed, "e-mail")).toBeUndefined();
    expect(() => before.sealWith(elsewhere, "x", "e-mail")).toThrow("user-2");
  });

  it("stay right when more of them are used than are remembered", () => {
    const keys = Array.from({ length: 600 }, (_, index) => before.newDataKey(`u${index}`));
    const texts = keys.map((one) => before.sealWith(one, hash(one.context), "text"));
    const opened = keys.map((one, index) => before.openWith(one, texts[index] ?? "", "text"));
    expect(opened).toEqual(keys.map(({ context }) => hash(context)));
  });
});

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const flip = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
