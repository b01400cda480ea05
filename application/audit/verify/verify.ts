import { type Checkpoint, originOf } from "../../../domain/audit/checkpoint.ts";
import type { ArchiveReader } from "../../ports/archive.ts";
import type { NoteVerifier } from "../../ports/checkpoint-keys.ts";
import type { Checkpoints } from "../../ports/checkpoints.ts";
import { BrokenEvent, type EventStore, Unavailable } from "../../ports/event-store.ts";
import type { KeptLeaves } from "../../ports/kept-leaves.ts";
import type { VerifyScratch } from "../../ports/verify-scratch.ts";
import { openCheckpoint } from "../proof/checkpoint.ts";
import { collectClaims, verifiedBefore } from "./claims.ts";
import { collectFindings, type Finding, withNeighbours } from "./findings.ts";
import { checkArchive, type NamedArchive } from "./removed.ts";
import { scan } from "./scan.ts";

export interface VerifyDependencies {
  readonly store: Pick<EventStore, "logId" | "readAll">;
  readonly leaves: KeptLeaves;
  readonly checkpoints: Checkpoints;
  readonly keys: NoteVerifier;
  readonly archive: ArchiveReader;
  readonly scratch: VerifyScratch;
}

export interface VerifyOptions {
  /** Whether to go on from the checkpoint that was verified last. */
  readonly isIncremental: boolean;
  /** Checkpoints that were kept outside, one behind the other. */
  readonly trusted: string | undefined;
  /** Whether parts of the archive may be somewhere else; one that is not there is a finding otherwise. */
  readonly hasArchivesElsewhere: boolean;
  readonly signal: AbortSignal;
  /** Told how many leaves were looked at, of how many. */
  readonly progress: (done: number, total: number) => void;
}

/** What was compared, and what was found. */
export interface Report {
  /** Leaves that are kept. */
  readonly leaves: number;
  /** The leaf at which it began: not the first, where it went on from a checkpoint that was verified before. */
  readonly from: number;
  /** Events that are what was kept. */
  readonly sound: number;
  /** Events that a retention or an erasure removed. */
  readonly removed: number;
  readonly notYetKept: number;
  /** Kept leaves at the end that no checkpoint covers. */
  readonly uncovered: number;
  /** Checkpoints whose root was compared, of here and of the copy outside. */
  readonly checkpoints: number;
  /** The newest checkpoint of here that is right. */
  readonly newest: Checkpoint | undefined;
  /** When checkpoint 1 was signed, and when the oldest event that is there was appended, epoch ms; undefined where unknown. */
  readonly provenSince: number | undefined;
  readonly oldestEvent: number | undefined;
  /** Parts of the archive that were read, and that are not there. */
  readonly archives: number;
  readonly absentArchives: readonly string[];
  /** The first of the findings, with what stands around them, and how many there are. */
  readonly findings: readonly Finding[];
  readonly found: number;
}

const notPlaced =
  "the kept leaves have their places in the store that the log was copied from; the schedule of the server, or dacapo audit checkpoint, gives them theirs here";

/** Compares parts of the archive; answers of those that are not there. */
async function absentOf(
  archives: readonly NamedArchive[],
  isThere: (named: NamedArchive) => Promise<boolean>,
  signal: AbortSignal,
): Promise<readonly NamedArchive[]> {
  const absent: NamedArchive[] = [];
  for (const named of archives) {
    signal.throwIfAborted();
    if (!(await isThere(named))) absent.push(named);
  }
  return absent;
}

/** What was moved there may have been just deleted: nothing tells the two apart. */
const absentArchive = ({ name, position }: NamedArchive): Finding => ({
  what: "archive",
  message: `${name} is not in the folder of the archive, so that nothing shows what was moved there`,
  position,
});

/** When the proof begins, and the log: what was done to it between the two, no checkpoint shows. */
async function beginningsOf({ store, checkpoints, keys }: VerifyDependencies) {
  const note = await checkpoints.read(1);
  const first = note === undefined ? undefined : openCheckpoint(note, keys, originOf(store.logId));
  const [event] = await store.readAll(0n, 1).catch((error: unknown) => {
    if (error instanceof BrokenEvent) return [];
    throw error;
  });
  const isFirst = first?.checkpoint.number === 1;
  return { provenSince: isFirst ? first.checkpoint.time : undefined, oldestEvent: event?.time };
}

/** Remembers the checkpoint up to which nothing was found. */
async function markVerified(checkpoints: Checkpoints, number: number): Promise<void> {
  const note = await checkpoints.read(number);
  if (note !== undefined && note !== (await checkpoints.marked("verified")))
    await checkpoints.mark("verified", note);
}

/**
 * Compares the log with its kept leaves, event by event, and the leaves with every signed checkpoint. Nothing is written
 * and nothing is taken in, but for the mark of what was verified, where nothing was found.
 * @throws {Unavailable} @throws the signal's reason
 */
export async function verifyLog(dependencies: VerifyDependencies, options: VerifyOptions): Promise<Report> {
  const { store, leaves, checkpoints, keys, archive, scratch } = dependencies;
  const { isIncremental, trusted, signal } = options;
  if (!(await leaves.isPlaced())) throw new Unavailable(notPlaced);
  const findings = collectFindings();
  const chain = { checkpoints, keys, origin: originOf(store.logId), findings, signal };
  const before = isIncremental ? await verifiedBefore(chain, leaves) : undefined;
  const from = before?.checkpoint.size ?? 0;
  // Before the leaves are counted: while some are added, no checkpoint covers more.
  const claims = await collectClaims(chain, leaves, before, trusted);
  const scanned = await scan({ ...dependencies, ...options, findings }, from, claims.ahead);
  const { size, roots, archives, sound, notYetKept } = scanned;
  const isThere = (named: NamedArchive) => checkArchive(archive, named, scratch, findings);
  const absent = await absentOf(archives, isThere, signal);
  if (!options.hasArchivesElsewhere) for (const named of absent) findings.add(absentArchive(named));
  const newest = roots.newest()?.checkpoint ?? before?.checkpoint;
  if (newest && findings.count === 0) await markVerified(checkpoints, newest.number);
  return {
    ...{ leaves: size, from, sound, notYetKept, newest },
    ...(await beginningsOf(dependencies)),
    absentArchives: absent.map(({ name }) => name),
    removed: scratch.removed(),
    uncovered: size - Math.min(newest?.size ?? 0, size),
    checkpoints: roots.compared() + claims.compared,
    archives: archives.length - absent.length,
    findings: await Promise.all(findings.shown.map((finding) => withNeighbours(store, leaves, finding))),
    found: findings.count,
  };
}
