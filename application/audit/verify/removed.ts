import { idName, leafHash, leafName, leafText, revisionName } from "../../../domain/audit/leaf.ts";
import { isSameHash } from "../../../domain/audit/merkle.ts";
import type { Erasure } from "../../../domain/erasure/erasure.ts";
import type { Retention } from "../../../domain/retention/retention.ts";
import { decode, UnreadableEvent } from "../../events/catalog.ts";
import type { ArchiveReader } from "../../ports/archive.ts";
import type { StoredEvent } from "../../ports/event-store.ts";
import type { VerifyScratch } from "../../ports/verify-scratch.ts";
import { streams } from "../../streams.ts";
import type { Findings } from "./findings.ts";

/** A part of the archive, and where the log names it. */
export interface NamedArchive {
  readonly name: string;
  readonly sha256: string;
  readonly position: bigint;
  /** What it is said to hold. */
  readonly streams: Retention["streams"];
}

/** More revisions of one stream than any that is removed has. */
const maxRevisions = 1_000_000;

function* revisions(stream: string, first: number, last: number): Generator<Uint8Array> {
  for (let revision = Math.max(first, last - maxRevisions, 0); revision <= last; revision += 1)
    yield revisionName(stream, revision);
}

/** Whether retention ever removes such a stream; a record that says so of another one was not written by it. */
const isRemovable = (stream: string): boolean => /^(?:grant|assertion)-/.test(stream);

/** The names of the events that an event says were removed. */
function* namesIn({ type, data }: { readonly type: string; readonly data: unknown }): Generator<Uint8Array> {
  if (type === "retention.applied")
    for (const { stream, revision, events } of (data as Retention).streams)
      if (isRemovable(stream)) yield* revisions(stream, revision - events + 1, revision);
  if (type !== "erasure.requested") return;
  const { user, removed, reservation } = (data as { erasure: Erasure }).erasure;
  const own = [streams.user(user.userId), streams.subjectKey(user.userId)];
  for (const { stream, revision } of removed) if (own.includes(stream)) yield* revisions(stream, 0, revision);
  if (reservation !== null) yield idName(reservation);
}

const removals: ReadonlySet<string> = new Set(["retention.applied", "erasure.requested"]);

/** What an event says; undefined where it is of a form that nobody wrote, and so names nothing. */
function readable(event: StoredEvent) {
  try {
    return decode(event);
  } catch (error) {
    if (error instanceof UnreadableEvent) return undefined;
    throw error;
  }
}

/** Notes what an event says was removed; answers of the part of the archive that it names. */
export function noteRemovals(event: StoredEvent, scratch: VerifyScratch): NamedArchive | undefined {
  const removal = removals.has(event.type) ? readable(event) : undefined;
  if (!removal) return undefined;
  const { type, data } = removal;
  for (const name of namesIn({ type, data })) scratch.allow(name);
  if (type !== "retention.applied") return undefined;
  const { archive, streams: moved } = data as Retention;
  return { ...archive, position: event.position, streams: moved };
}

const textOf = (name: Uint8Array): string => Buffer.from(name).toString("base64url");

/** Says which events left the log, and are not in the archive that they are said to be in: they may have been just deleted. */
function checkContents(
  { name, position, streams: moved }: NamedArchive,
  held: ReadonlySet<string>,
  scratch: VerifyScratch,
  findings: Findings,
): void {
  for (const removed of namesIn({ type: "retention.applied", data: { streams: moved } })) {
    const leaf = held.has(textOf(removed)) ? undefined : scratch.find(removed);
    if (!leaf) continue;
    const message = `${name} does not hold the event of leaf ${leaf.index}, which the log says was moved there`;
    findings.add({ what: "archive", message, leaf: leaf.index, position });
  }
}

/** Compares a part of the archive with what the log says of it, and its events with their leaves. Whether it is there. */
export async function checkArchive(
  archive: ArchiveReader,
  named: NamedArchive,
  scratch: VerifyScratch,
  findings: Findings,
): Promise<boolean> {
  const { name, sha256, position } = named;
  const held = new Set<string>();
  const found = await archive.read(name, (event) => {
    if (event) held.add(textOf(leafName(event)));
    const leaf = event && scratch.find(leafName(event));
    if (!leaf || isSameHash(leafHash(leafText(leaf.index, event)), leaf.hash)) return;
    findings.add({
      what: "archive",
      message: `${name} holds another event than the one whose leaf ${leaf.index} is kept`,
      leaf: leaf.index,
      ...{ stream: event.stream, revision: event.revision, type: event.type, id: event.id },
    });
  });
  if (found !== undefined && found !== sha256)
    findings.add({
      what: "archive",
      message: `${name} has another SHA-256 than the log says`,
      position,
    });
  if (found !== undefined) checkContents(named, held, scratch, findings);
  return found !== undefined;
}
