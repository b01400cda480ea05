import { hash } from "node:crypto";

/** One signature under a note: whose, by which of that name's keys, and its bytes. */
export interface NoteSignature {
  readonly name: string;
  /** 32 bits, 8 hexadecimal digits: of the name, the kind of key and the key. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** A text with signatures (C2SP signed-note); nothing is known of it until one of them was verified. */
export interface SignedNote {
  /** Ends with a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** An Ed25519 key that verifies notes, under its name. */
export interface NoteKey {
  readonly name: string;
  readonly keyId: string;
  /** 32 bytes (RFC 8032). */
  readonly publicKey: Uint8Array;
}

/** More than any note has whose signatures are worth a look. */
const maxSignatures = 16;

/** The kind of key that Ed25519 is in C2SP signed-note. */
const ed25519 = 1;

const nameForm = /^[^\s+]+$/u;
const base64Form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Bytes of standard base64 with its padding (RFC 4648 section 4); undefined where it is none. */
export const fromBase64 = (text: string): Uint8Array | undefined =>
  base64Form.test(text) ? Buffer.from(text, "base64") : undefined;

export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** A key under its name, with the id that the two make. */
export function noteKey(name: string, publicKey: Uint8Array): NoteKey {
  const bytes = Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(ed25519), publicKey]);
  return { name, keyId: hash("sha256", bytes).slice(0, 8), publicKey };
}

/** A key as a line of text, a vkey: name, id and key between plus signs. */
export const formatKey = ({ name, keyId, publicKey }: NoteKey): string =>
  `${name}+${keyId}+${toBase64(Buffer.concat([Uint8Array.of(ed25519), publicKey]))}`;

/** Reads a vkey; undefined where it is none, or none of an Ed25519 key. */
export function parseKey(text: string): NoteKey | undefined {
  const [, name = "", keyId, key = ""] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(text.trim()) ?? [];
  const [kind, ...publicKey] = fromBase64(key) ?? [];
  if (!nameForm.test(name) || kind !== ed25519 || publicKey.length !== 32) return undefined;
  const known = noteKey(name, Uint8Array.from(publicKey));
  return known.keyId === keyId ? known : undefined;
}

/** A signature as a line under its note. */
const signatureLine = ({ name, keyId, signature }: NoteSignature): string =>
  `— ${name} ${toBase64(Buffer.concat([Buffer.from(keyId, "hex"), signature]))}\n`;

/** Text and signatures as they are kept. */
export const formatNote = ({ text, signatures }: SignedNote): string =>
  `${text}\n${signatures.map(signatureLine).join("")}`;

function parseSignature(line: string): NoteSignature | undefined {
  const [, name = "", encoded = ""] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (!nameForm.test(name) || !bytes || bytes.length < 5) return undefined;
  return { name, keyId: Buffer.from(bytes.subarray(0, 4)).toString("hex"), signature: bytes.subarray(4) };
}

/** Reads a note; undefined where it is none. */
export function parseNote(note: string): SignedNote | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a note may hold none but the newline
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.isWellFormed()) return undefined;
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) return undefined;
  const lines = note.slice(end + 2, -1).split("\n");
  if (lines.length > maxSignatures) return undefined;
  const signatures = lines.map(parseSignature).filter((signature) => signature !== undefined);
  return signatures.length === lines.length ? { text: note.slice(0, end + 1), signatures } : undefined;
}

/**
 * The notes of a text that holds several, one behind the other, perhaps with empty lines between. Their own texts hold
 * none, so that one which was cut off does not take the next one with it.
 */
export function notesIn(text: string): readonly string[] {
  const notes: string[] = [];
  let note = "";
  let isSigned = false;
  let isAfterGap = false;
  for (const line of text.split("\n")) {
    const isSignature = line.startsWith("— ");
    const isNext = !isSignature && (isSigned || isAfterGap);
    if (line !== "" && note !== "" && isNext) {
      notes.push(note);
      note = "";
    }
    if (line !== "") note += `${isAfterGap && note !== "" ? "\n" : ""}${line}\n`;
    isSigned = isSignature || (isSigned && line === "");
    isAfterGap = line === "";
  }
  return note === "" ? notes : [...notes, note];
}
