import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { vocabulary } from "../../../application/events/vocabulary.ts";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Document, Put } from "../../../application/ports/read-models.ts";
import { Storage } from "../../../infrastructure/read-models/redis/document/storage.ts";
import { emptyVocabulary, Lexicon } from "../../../infrastructure/read-models/redis/document/vocabulary.ts";
import { put } from "./batches.ts";

const ours = new Storage(new Lexicon(vocabulary()));
const bare = new Storage(new Lexicon(emptyVocabulary));

/** What the script stores of the only document of a batch. */
function storedBy(storage: Storage, it: Put): Buffer {
  const batch = storage.batch([{ collection: it.collection, id: it.id, put: it, isParked: false }]);
  const idAt = 1 + (batch[0] ?? 0);
  const headAt = idAt + 2 + batch.readUInt16BE(idAt);
  const documentAt = headAt + 2 + batch.readUInt16BE(headAt);
  return Buffer.concat([batch.subarray(headAt, documentAt), batch.subarray(documentAt + 4)]);
}

/** Strings that documents hold, and those that are easily taken for something else. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string().map((it) => `${it}\ud800`),
  fc.string({ unit: fc.constantFrom(..."AZaz09-_Qgw"), minLength: 22, maxLength: 22 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((it) => Buffer.from(it).toString("base64url")),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((it) => Buffer.from(it).toString("base64url")),
  fc.constantFrom("active", "u_", "A".repeat(43), "B".repeat(43), "", "__proto__", "a,b", "status"),
);
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.double(),
  fc.integer({ min: -70, max: 70 }),
  fc.integer({ min: 0, max: 3e9 }).map((it) => 1_795_478_400_000 + it),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 4 }, text, number, fc.boolean(), fc.constant(null), tie("array"), tie("object")),
  array: fc.array(tie("any"), { maxLength: 5 }),
  object: fc.dictionary(text, tie("any"), { maxKeys: 5 }),
}));
const indexes = fc.dictionary(fc.constantFrom("user", "client", "open", "uri"), text);

describe("a document in Redis", () => {
  it.each([
    ["with our vocabulary", ours],
    ["without one", bare],
  ])("says what its JSON says, %s", (_, storage) => {
    fc.assert(
      fc.property(text, value.object, indexes, fc.boolean(), (id, document, indexes, expires) => {
        const it = put(id, document as Document, { indexes, expiresAt: expires ? 1_795_478_400_000 : null });
        const read = storage.read(it.id, storedBy(storage, it));
        expect(JSON.stringify(read)).toBe(JSON.stringify(document));
      }),
      { numRuns: 2_000 },
    );
  });

  it("leaves out what JSON leaves out", () => {
    const document = { a: undefined, b: [undefined, Number.NaN], c: -0 };
    expect(bare.read("a", storedBy(bare, put("a", document)))).toEqual({ b: [null, null], c: 0 });
  });

  it.each([
    [
      "a circle",
      () => {
        const circle: Record<string, unknown> = {};
        circle.self = [circle];
        return circle;
      },
    ],
    ["a big integer", () => ({ n: 1n })],
    ["a function", () => ({ f: () => 1 })],
  ])("cannot hold %s", (_, make) => {
    expect(() => storedBy(ours, put("a", make()))).toThrow(TypeError);
    expect(ours.read("a", storedBy(ours, put("a", { n: 1 })))).toEqual({ n: 1 });
  });

  it("is refused where it is cut off, goes on, or is something else", () => {
    const document = {
      status: "active",
      at: 1_795_478_400_000,
      hash: "A".repeat(43),
      list: [1, 500, -2, 0.5],
    };
    const stored = storedBy(ours, put("a", document, { indexes: { user: "u", uri: "x".repeat(300) } }));
    expect(ours.read("a", stored)).toEqual(document);
    for (let length = 0; length < stored.length; length++)
      expect(() => ours.read("a", stored.subarray(0, length))).toThrow(Unavailable);
    expect(() => ours.read("a", Buffer.concat([stored, Buffer.of(0)]))).toThrow(Unavailable);
    for (const other of ["", "{}", '{"status":"active"}', "\0\0"])
      expect(() => ours.read("a", Buffer.from(other))).toThrow(Unavailable);
  });

  it("is never an error of another kind, whatever bytes there are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const head of [[], [0, 0]])
          try {
            ours.read("a", Buffer.from([...head, ...bytes]));
          } catch (error) {
            expect(error).toBeInstanceOf(Unavailable);
          }
      }),
      { numRuns: 5_000 },
    );
  });
});
