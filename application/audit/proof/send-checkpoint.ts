import { type Checkpoint, originOf, parseCheckpoint } from "../../../domain/audit/checkpoint.ts";
import { notesIn, parseNote } from "../../../domain/audit/note.ts";
import type { CheckpointCopies, Checkpoints } from "../../ports/checkpoints.ts";
import type { EventStore } from "../../ports/event-store.ts";
import { CannotSign } from "./checkpoint.ts";

/** What sending a checkpoint takes. */
export interface SendDependencies {
  readonly store: Pick<EventStore, "logId">;
  readonly checkpoints: Checkpoints;
  /** Told, in a sentence without a full stop, what a person should know of. */
  readonly warn: (message: string) => void;
}

interface Lying {
  readonly text: string;
  readonly checkpoint: Checkpoint;
}

const hint = "Nothing is sent; dacapo audit verify --trusted tells more";

const isFragmentOf = (origin: string, fragment: string): boolean =>
  fragment.startsWith(origin) || origin.startsWith(fragment);

/**
 * The checkpoints of this log among what lies outside, by what they say: they are compared with those that are kept, whose
 * signatures are another matter. @throws {CannotSign} where something else lies there
 */
function checkpointsIn(text: string, origin: string): readonly Lying[] {
  // A file that was cut off by a crash may end in zeros.
  const pieces = notesIn(text.replaceAll("\0", "").replaceAll("\r\n", "\n"));
  const found = pieces.flatMap((piece) => {
    const note = parseNote(piece);
    const checkpoint = note && parseCheckpoint(note.text);
    return checkpoint?.origin === origin ? [{ text: note?.text ?? "", checkpoint }] : [];
  });
  if (found.length > 0 || pieces.every((piece) => isFragmentOf(origin, piece.trimEnd()))) return found;
  throw new CannotSign(
    `in the place outside lies something else than checkpoints of this log: unless you put it there, the log was exchanged or its id was changed. ${hint}`,
  );
}

/** @throws {CannotSign} where one of those outside is not the one of its number that is kept here */
async function requireKept(checkpoints: Checkpoints, lying: readonly Lying[]): Promise<void> {
  for (const { text, checkpoint } of lying) {
    const kept = parseNote((await checkpoints.read(checkpoint.number)) ?? "");
    if (kept?.text !== text)
      throw new CannotSign(
        `checkpoint ${checkpoint.number}, which lies in the place outside, is not the one that is kept here: the log was made anew, or restored from an older copy. ${hint}`,
      );
  }
}

const readable = "readable";
const writable = "only writable";

/**
 * Sends the newest checkpoint to the place outside, unless it is there already. What lies there is looked at first, where
 * it can be read: it is the one witness of a log whose checkpoints were all made anew, and must not be written over then.
 * @throws {CannotSign} where it is not what is kept here @throws where it cannot be told any more, or sending fails
 */
export async function sendCheckpoint(
  { store, checkpoints, warn }: SendDependencies,
  copies: CheckpointCopies,
  signal: AbortSignal,
): Promise<void> {
  const number = await checkpoints.newest();
  const note = await checkpoints.read(number);
  const [sent, sentTo] = [await checkpoints.marked("sent"), await checkpoints.marked("sent_to")];
  const isKnown = sentTo?.startsWith(`${copies.id} `) === true;
  if (note === undefined || (isKnown && note === sent)) return;
  const text = await copies.read(signal);
  if (text === undefined && isKnown && sentTo.endsWith(` ${readable}`))
    throw new Error("what lies there could be read before, and cannot now, so nothing is sent");
  const lying = text === undefined ? [] : checkpointsIn(text, originOf(store.logId));
  await requireKept(checkpoints, lying);
  if (text !== undefined && lying.length === 0 && isKnown)
    warn("the checkpoints that were sent outside before do not lie there any more");
  const newest = Math.max(0, ...lying.map(({ checkpoint }) => checkpoint.number));
  if (newest < number) await copies.send(note, text === "" && !isKnown, signal);
  await checkpoints.mark("sent", note);
  await checkpoints.mark("sent_to", `${copies.id} ${text === undefined ? writable : readable}`);
}
