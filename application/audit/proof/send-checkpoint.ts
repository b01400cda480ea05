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

interface Found {
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
function checkpointsIn(text: string, origin: string): readonly Found[] {
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
async function requireKept(checkpoints: Checkpoints, lying: readonly Found[]): Promise<void> {
  for (const { text, checkpoint } of lying) {
    const kept = parseNote((await checkpoints.read(checkpoint.number)) ?? "");
    if (kept?.text !== text)
      throw new CannotSign(
        `checkpoint ${checkpoint.number}, which lies in the place outside, is not the one that is kept here: the log was made anew, or restored from an older copy. ${hint}`,
      );
  }
}

/** How the mark of a place says that what lies there could be read. */
const readable = "readable";

/**
 * Sends the newest checkpoint to the place outside, unless it is there already; answers whether it sent it. What lies there
 * is looked at each time, where it can be read: it is the one witness of a log whose checkpoints were all made anew, and must
 * not be written over then.
 * @throws {CannotSign} where it is not what is kept here @throws where it cannot be told any more, or sending fails
 */
export async function sendCheckpoint(
  { store, checkpoints, warn }: SendDependencies,
  copies: CheckpointCopies,
  signal: AbortSignal,
): Promise<boolean> {
  const number = await checkpoints.newest();
  const note = await checkpoints.read(number);
  if (note === undefined) return false;
  const [sent, sentTo] = [await checkpoints.marked("sent"), await checkpoints.marked("sent_to")];
  const isKnown = sentTo?.startsWith(`${copies.id} `) === true;
  const lying = await copies.read(signal);
  if (lying === "unreadable") {
    if (isKnown && sentTo.endsWith(` ${readable}`))
      throw new Error("what lies there could be read before, and cannot now, so nothing is sent");
    if (isKnown && note === sent) return false;
    if (!isKnown) warn("what lies in the place outside cannot be read, and is written over without a look");
  }
  const found = typeof lying === "string" ? [] : checkpointsIn(lying.text, originOf(store.logId));
  await requireKept(checkpoints, found);
  if (lying !== "unreadable" && found.length === 0 && isKnown)
    warn("the checkpoints that were sent outside before do not lie there any more");
  const isMissing = found.every(({ checkpoint }) => checkpoint.number < number);
  // A place may say that nothing lies there to whoever may not read.
  if (isMissing) await copies.send(note, lying === "nothing" && !isKnown, signal);
  const place = `${copies.id} ${lying === "unreadable" ? lying : readable}`;
  if (note !== sent) await checkpoints.mark("sent", note);
  if (place !== sentTo) await checkpoints.mark("sent_to", place);
  return isMissing;
}
