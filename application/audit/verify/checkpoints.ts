import { noteHash } from "../../../domain/audit/checkpoint.ts";
import { isSameHash } from "../../../domain/audit/merkle.ts";
import { notesIn, parseNote } from "../../../domain/audit/note.ts";
import type { NoteVerifier } from "../../ports/checkpoint-keys.ts";
import type { Checkpoints } from "../../ports/checkpoints.ts";
import { openCheckpoint, type Signed } from "../proof/checkpoint.ts";
import type { Finding, Findings } from "./findings.ts";
import type { Claim } from "./roots.ts";

export interface ChainDependencies {
  readonly checkpoints: Checkpoints;
  readonly keys: NoteVerifier;
  /** The origin that every checkpoint must have. */
  readonly origin: string;
  readonly findings: Findings;
  readonly signal: AbortSignal;
}

/** What is wrong with how a checkpoint follows the one before; undefined where nothing is. */
function breakIn({ checkpoint: before, note }: Signed, { checkpoint }: Signed): string | undefined {
  if (!checkpoint.previous || !isSameHash(checkpoint.previous, noteHash(note)))
    return `names another checkpoint than ${before.number} as the one before it`;
  if (checkpoint.time < before.time) return `is older than checkpoint ${before.number}`;
  if (checkpoint.size < before.size) return `covers less than checkpoint ${before.number}`;
  return undefined;
}

const wrong = (message: string): Finding => ({ what: "checkpoint", message });

const absent = (first: number, last: number): Finding =>
  wrong(
    first === last ? `checkpoint ${first} is not there` : `checkpoints ${first} to ${last} are not there`,
  );

/** One checkpoint as it is kept; undefined where it is not there, or not what was signed. */
async function open(
  { checkpoints, keys, origin, findings }: ChainDependencies,
  number: number,
): Promise<Signed | undefined> {
  const note = await checkpoints.read(number);
  const signed = note === undefined ? undefined : openCheckpoint(note, keys, origin);
  if (note === undefined) findings.add(absent(number, number));
  else if (!signed) findings.add(wrong(`checkpoint ${number} is not what was signed by a key of this log`));
  else if (signed.checkpoint.number !== number)
    findings.add(wrong(`in the place of checkpoint ${number} stands checkpoint ${signed.checkpoint.number}`));
  else return signed;
  return undefined;
}

/** Checks signatures, numbers and the chain, from this checkpoint or the first one on; answers of those that are sound. */
export async function checkChain(
  dependencies: ChainDependencies,
  from: Signed | undefined,
): Promise<readonly Claim[]> {
  const { checkpoints, findings, signal } = dependencies;
  const claims: Claim[] = [];
  let before = from;
  let last = from?.checkpoint.number ?? 0;
  for (const number of await checkpoints.numbers()) {
    if (number <= last) continue;
    signal.throwIfAborted();
    if (number > last + 1) {
      findings.add(absent(last + 1, number - 1));
      before = undefined;
    }
    last = number;
    const signed = await open(dependencies, number);
    if (signed && number === 1 && signed.checkpoint.previous)
      findings.add(wrong("checkpoint 1 names one before it"));
    const fault = signed && before && breakIn(before, signed);
    if (fault !== undefined) findings.add(wrong(`checkpoint ${number} ${fault}`));
    if (signed) claims.push({ checkpoint: signed.checkpoint, isTrusted: false });
    before = signed;
  }
  return claims;
}

/** Says where a checkpoint that was verified or sent before is not the newest any more, nor before it. */
export async function checkMarks({ checkpoints, keys, origin, findings }: ChainDependencies): Promise<void> {
  for (const mark of ["verified", "sent"] as const) {
    const note = await checkpoints.marked(mark);
    const signed = note === undefined ? undefined : openCheckpoint(note, keys, origin);
    if (signed && signed.checkpoint.number > (await checkpoints.newest()))
      findings.add(wrong(`checkpoint ${signed.checkpoint.number}, which was ${mark} before, is not there`));
  }
}

/** Says where the one of this number that is kept here is another one: signed anew, though perhaps over the same leaves. */
async function checkKept(
  { checkpoints, findings }: ChainDependencies,
  { checkpoint, note }: Signed,
): Promise<void> {
  const kept = parseNote((await checkpoints.read(checkpoint.number)) ?? "");
  if (kept?.text === parseNote(note)?.text) return;
  const what = kept ? "is not the one that is kept here" : "is not kept here";
  const message = `checkpoint ${checkpoint.number} of the trusted copy ${what}, which only the copy outside shows`;
  findings.add({ what: "trusted", message });
}

/** The checkpoints of a copy outside; those that no key of this log signed, or that are not kept here, are found. */
export async function checkTrusted(chain: ChainDependencies, text: string): Promise<readonly Claim[]> {
  const { keys, origin, findings, signal } = chain;
  const notes = notesIn(text);
  if (notes.length === 0)
    findings.add({
      what: "trusted",
      message: "the trusted copy holds no checkpoint, so nothing was compared with it",
    });
  const claims: Claim[] = [];
  for (const [index, note] of notes.entries()) {
    signal.throwIfAborted();
    const signed = openCheckpoint(note, keys, origin);
    if (signed) {
      await checkKept(chain, signed);
      claims.push({ checkpoint: signed.checkpoint, isTrusted: true });
    } else
      findings.add({
        what: "trusted",
        message: parseNote(note)
          ? `note ${index + 1} of the trusted copy is no checkpoint that a key of this log signed`
          : `note ${index + 1} of the trusted copy is no whole note: it may have been cut off when it was written`,
      });
  }
  return claims;
}
