import { hash } from "node:crypto";
import type { Hash } from "./merkle.ts";
import { fromBase64, toBase64 } from "./note.ts";

/** The head of the tree at a time: C2SP tlog-checkpoint, with three extension lines. */
export interface Checkpoint {
  /** Names the log, and the key that signs. */
  readonly origin: string;
  /** How many leaves it covers. */
  readonly size: number;
  readonly root: Hash;
  /** From 1 without holes. */
  readonly number: number;
  /** Epoch milliseconds; never less than that of the one before. */
  readonly time: number;
  /** SHA-256 of the note before; undefined for the first. */
  readonly previous: Hash | undefined;
}

/** The origin of a log: unique as its id is, and in the form of a URL without a scheme. */
export const originOf = (logId: string): string => `dacapo/log/${logId}`;

/** By what the next checkpoint names this note. */
export const noteHash = (note: string): Hash => hash("sha256", note, "buffer");

/** What is signed. */
export function checkpointText({ origin, size, root, number, time, previous }: Checkpoint): string {
  const lines = [origin, String(size), toBase64(root)];
  lines.push(`number ${number}`, `time ${time}`);
  if (previous) lines.push(`previous ${toBase64(previous)}`);
  return `${lines.join("\n")}\n`;
}

const wholeNumber = /^(?:0|[1-9]\d{0,14})$/;
const numberOf = (text = ""): number | undefined => (wholeNumber.test(text) ? Number(text) : undefined);
const hashOf = (text = ""): Hash | undefined => {
  const bytes = fromBase64(text);
  return bytes?.length === 32 ? bytes : undefined;
};

/** Reads what was signed; undefined where it is no checkpoint of the form that `checkpointText` gives. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin = "", size, root, ...extensions] = text.split("\n");
  const member = (name: string) =>
    extensions.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  const checkpoint = {
    origin,
    size: numberOf(size),
    root: hashOf(root),
    number: numberOf(member("number")),
    time: numberOf(member("time")),
    previous: hashOf(member("previous")),
  };
  const { size: leaves, root: hash, number, time } = checkpoint;
  if (leaves === undefined || !hash || number === undefined || time === undefined) return undefined;
  const parsed = { ...checkpoint, size: leaves, root: hash, number, time };
  return checkpointText(parsed) === text ? parsed : undefined;
}
