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

/** How often one stream can have been moved: an assertion's id that came again. */
const maxMoves = 8;
/** Parts of the archive that are remembered whole: each holds some thousand events, of many streams that end together. */
const maxParts = 2;

type Part = ReadonlyMap<string, readonly StoredEvent[]>;

/** Finds events by the record of the retention that moved them, each part of the archive by its SHA-256. */
export function createArchivedEvents({ store, index, archive }: Dependencies): ArchivedEvents {
  const parts = new Map<string, Promise<Part>>();

  async function read({ name, sha256 }: Retention["archive"]): Promise<Part> {
    const streams = new Map<string, StoredEvent[]>();
    const digest = await archive.read(name, (event) => {
      if (!event) return;
      const events = streams.get(event.stream) ?? [];
      events.push(event);
      streams.set(event.stream, events);
    });
    return digest === sha256 ? streams : new Map();
  }

  function partOf(archived: Retention["archive"]): Promise<Part> {
    const part = parts.get(archived.sha256) ?? read(archived);
    if (!parts.has(archived.sha256) && parts.size >= maxParts) parts.clear();
    parts.set(archived.sha256, part);
    return part;
  }

  return {
    async at(stream, revision) {
      for (const move of index.find([term.removed(stream)], { limit: maxMoves })) {
        const [event] = await store.read(move.stream, {
          direction: "forwards",
          from: move.revision,
          limit: 1,
        });
        if (event?.type !== "retention.applied") continue;
        const part = await partOf((decode(event).data as Retention).archive);
        const found = part.get(stream)?.find((told) => told.revision === revision);
        if (found) return found;
      }
      return undefined;
    },
  };
}
