import type { EventStoreDBClient } from "@eventstore/db-client";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { createClient } from "./address.ts";
import { guardBatches } from "./batch-guard.ts";
import { isUnnoticed } from "./failure.ts";
import { within } from "./patience.ts";
import { guardServerNames } from "./server-names.ts";

/** Calls without an answer, one after another, until the client is replaced. */
const fruitlessLimit = 3;

/** They fail apart: what the client asks before its first append, other calls do without. */
export type Kind = "append" | "other";

/** A client for as long as it serves. */
export interface Line {
  readonly client: EventStoreDBClient;
  /** Aborted when the client is replaced or disposed of: what it began ends unfinished. */
  readonly cut: AbortSignal;
}

interface OwnLine extends Line {
  readonly cutter: AbortController;
}

/**
 * The one client of this process for a connection string: the client keeps a table of appends that is global to the
 * process. It is replaced where it gets no answers any more, because it keeps a failed discovery or a lost first call
 * for ever.
 */
export class Connection {
  readonly #url: string;
  #line: OwnLine;
  #fruitless = noneFruitless();
  #closed = false;

  constructor(url: string) {
    this.#url = url;
    this.#line = openLine(url);
  }

  get line(): Line {
    return this.#line;
  }

  /** @throws {NoAnswer} after that many milliseconds; else what the client throws */
  async call<T>(kind: Kind, milliseconds: number, work: (line: Line) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Unavailable("the event store is closed");
    const line = this.#line;
    try {
      const answer = await within(milliseconds, work(line));
      this.#fruitless[kind] = 0;
      return answer;
    } catch (error) {
      this.failed(kind, line, error);
      throw error;
    }
  }

  /** Something failed on this line. */
  failed(kind: Kind, line: Line, error: unknown): void {
    if (line !== this.#line || this.#closed) return;
    this.#fruitless[kind] = isUnnoticed(error) ? this.#fruitless[kind] + 1 : 0;
    if (this.#fruitless[kind] < fruitlessLimit) return;
    this.#fruitless = noneFruitless();
    try {
      this.#line = openLine(this.#url);
    } catch {
      return; // a file of its TLS is being replaced; the next failure tries again
    }
    void cut(line as OwnLine);
  }

  close(): Promise<void> {
    this.#closed = true;
    return cut(this.#line);
  }
}

function noneFruitless(): Record<Kind, number> {
  return { append: 0, other: 0 };
}

function openLine(url: string): OwnLine {
  const cutter = new AbortController();
  return { client: createClient(url), cutter, cut: cutter.signal };
}

async function cut({ client, cutter }: OwnLine): Promise<void> {
  cutter.abort();
  await within(1_000, client.dispose()).catch(() => undefined);
}

const connections = new Map<string, { readonly connection: Connection; users: number }>();

/** A share of the connection; given back by `disconnect`. @throws an error that names no credential */
export function connect(url: string): Connection {
  guardBatches();
  guardServerNames();
  const shared = connections.get(url) ?? { connection: new Connection(url), users: 0 };
  connections.set(url, shared);
  shared.users += 1;
  return shared.connection;
}

/** Closes the connection where nobody else uses it. */
export async function disconnect(url: string): Promise<void> {
  const shared = connections.get(url);
  if (shared === undefined) return;
  shared.users -= 1;
  if (shared.users > 0) return;
  connections.delete(url);
  await shared.connection.close();
}
