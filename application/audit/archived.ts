import type { Retention } from "../../domain/retention/retention.ts";
import { decode } from "../events/catalog.ts";
import type { ArchiveReader } from "../ports/archive.ts";
import type { AuditIndex } from "../ports/audit-index.ts";
import type { EventStore, StoredEvent } from "../ports/event-store.ts";
import { term } from "./index/terms.ts";

/** Events that retention moved from the log to the archive. */
export interface ArchivedEvents {
  /** Undefined where no part of the archive that the log names has it, or that part is not there or was changed. */
  at(stream: string, revision: number): Promise<StoredEvent | undefined>;
}

interface Dependencies {
  readonly store: Pick<EventStore, "read">;
  readonly index: Pick<AuditIndex, "find">;
  readonly archive: ArchiveReader;
}

/** Streams that are remembered, so that a family is read once for one question. */
const maxStreams = 100;
/** How often one stream can have been moved: an assertion's id that came again. */
const maxMoves = 8;

/** Finds events by the record of the retention that moved them, each part of the archive by its SHA-256. */
export function createArchivedEvents({ store, index, archive }: Dependencies): ArchivedEvents {
  const streams = new Map<string, Promise<ReadonlyMap<number, StoredEvent>>>();

  async function read(stream: string): Promise<ReadonlyMap<number, StoredEvent>> {
    const found = new Map<number, StoredEvent>();
    for (const move of index.find([term.removed(stream)], { limit: maxMoves })) {
      const { stream: retention, revision: from } = move;
      const [event] = await store.read(retention, { direction: "forwards", from, limit: 1 });
      if (event?.type !== "retention.applied") continue;
      const { name, sha256 } = (decode(event).data as Retention).archive;
      const moved: StoredEvent[] = [];
      const digest = await archive.read(name, (told) => {
        if (told?.stream === stream) moved.push(told);
      });
      if (digest === sha256) for (const told of moved) found.set(told.revision, told);
    }
    return found;
  }

  return {
    async at(stream, revision) {
      if (streams.size >= maxStreams) streams.clear();
      const events = streams.get(stream) ?? read(stream);
      streams.set(stream, events);
      return (await events).get(revision);
    },
  };
}
