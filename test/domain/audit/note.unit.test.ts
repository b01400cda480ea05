import { importJWK } from "jose";
import { describe, expect, it } from "vitest";
import { checkpointText, noteHash, parseCheckpoint } from "../../../domain/audit/checkpoint.ts";
import { formatKey, formatNote, notesIn, parseKey, parseNote } from "../../../domain/audit/note.ts";
import { createCheckpointKeys, createNoteVerifier } from "../../../infrastructure/crypto/checkpoint-keys.ts";
import { parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";

/** The example of C2SP signed-note. */
const example = {
  key: "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
  note: `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`,
};

const ringOf = (...versions: readonly number[]) =>
  parseKeyRing(
    versions.map((version) => `${version}:${Buffer.alloc(32, version).toString("base64url")}`).join(" "),
  );

const isSigned = (note: string, ...keys: readonly string[]): boolean => {
  const parsed = parseNote(note);
  const known = keys.map((key) => parseKey(key)).filter((key) => key !== undefined);
  return parsed !== undefined && createNoteVerifier(known).isSigned(parsed);
};

describe("a signed note", () => {
  it("is that of the specification's example", () => {
    expect(isSigned(example.note, example.key)).toBe(true);
    const [key, note] = [parseKey(example.key), parseNote(example.note)];
    expect(key && formatKey(key)).toBe(example.key);
    expect(note && formatNote(note)).toBe(example.note);
  });

  it.each([
    ["whose text was changed", example.note.replace("example", "examples")],
    ["whose signature was changed", example.note.replace("QOkn8", "QOkn9")],
    ["under another name", example.note.replace("— example.com/foo", "— example.com/bar")],
    ["without a signature", "This is an example message.\n\n"],
    ["without an end of line", example.note.trimEnd()],
    ["with a control character", example.note.replace("This", "This\t")],
    [
      "with more signatures than are looked at",
      example.note + example.note.split("\n")[2]?.concat("\n").repeat(16),
    ],
    ["with a line that is no signature", `${example.note}— a b\n`],
  ])("is not accepted %s", (_, note) => expect(isSigned(note, example.key)).toBe(false));

  it("is accepted with a signature by a key that nobody knows, and not with a wrong one by a known key", () => {
    const one = createCheckpointKeys(ringOf(1), "one");
    const two = createCheckpointKeys(ringOf(2), "two");
    const line = (note: string) => note.slice(note.indexOf("— "));
    const both = one.sign("text\n") + line(two.sign("text\n"));
    expect(isSigned(both, ...one.vkeys)).toBe(true);
    expect(isSigned(one.sign("text\n") + line(two.sign("other\n")), ...one.vkeys, ...two.vkeys)).toBe(false);
  });

  it.each([
    "",
    "a+b",
    `${example.key}A`,
    example.key.replace("530d903a", "530d903b"),
    example.key.replace("+AekyeRr", "+BekyeRr"),
  ])("has no key %s", (key) => expect(parseKey(key)).toBeUndefined());
});

describe("the keys of a log", () => {
  it("sign by the newest master key, verify by all of them, and are told apart by name and version", () => {
    const [old, both] = [createCheckpointKeys(ringOf(1), "log"), createCheckpointKeys(ringOf(1, 2), "log")];
    expect(isSigned(old.sign("text\n"), ...both.vkeys)).toBe(true);
    expect(isSigned(both.sign("text\n"), ...old.vkeys)).toBe(false);
    expect(both.vkeys[1]).toBe(old.vkeys[0]);
    expect(isSigned(old.sign("text\n"), ...createCheckpointKeys(ringOf(1), "another log").vkeys)).toBe(false);
  });

  it("sign as another implementation of Ed25519 verifies", async () => {
    const keys = createCheckpointKeys(ringOf(1), "log");
    const note = parseNote(keys.sign("text\n"));
    const x = Buffer.from(parseKey(keys.vkeys[0] ?? "")?.publicKey ?? []).toString("base64url");
    const key = (await importJWK({ kty: "OKP", crv: "Ed25519", x }, "EdDSA")) as CryptoKey;
    const verify = (text: string) =>
      crypto.subtle.verify(
        "Ed25519",
        key,
        Uint8Array.from(note?.signatures[0]?.signature ?? []),
        Buffer.from(text),
      );
    expect(await verify("text\n")).toBe(true);
    expect(await verify("Text\n")).toBe(false);
  });
});

describe("a checkpoint", () => {
  const checkpoint = {
    ...{ origin: "dacapo/log/1", size: 12, root: new Uint8Array(32), number: 2, time: 1_767_225_600_000 },
    previous: noteHash(example.note),
  };

  it("is a C2SP checkpoint with three lines more", () => {
    const text = checkpointText(checkpoint);
    expect(text.split("\n").slice(0, 5)).toEqual([
      "dacapo/log/1",
      "12",
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
      "number 2",
      "time 1767225600000",
    ]);
    expect(parseCheckpoint(text)).toEqual({ ...checkpoint, root: Buffer.from(checkpoint.root) });
    expect(parseCheckpoint(text.replace("\n12\n", "\n012\n"))).toBeUndefined();
    expect(parseCheckpoint(`${text}more\n`)).toBeUndefined();
    expect(parseCheckpoint("dacapo/log/1\n12\n")).toBeUndefined();
  });

  it("is found again among others in one file, whatever stands between them", () => {
    const keys = createCheckpointKeys(ringOf(1), "log");
    const [one, two] = [keys.sign("one\n"), keys.sign("two\n")];
    expect(notesIn(`\n${one}\n\n${two}${one}`)).toEqual([one, two, one]);
    expect(notesIn("")).toEqual([]);
  });
});
