import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type {
  Anomaly,
  AnomalyRange,
  Count,
  IndexedEvent,
  Range,
  Total,
} from "../../application/ports/audit-index.ts";
import { streamTerm, termOf } from "./index-writer.ts";

type Row = Readonly<Record<string, SQLInputValue>>;

const eventColumns =
  "SELECT position, time, types.name AS type, revision, stream FROM events JOIN types ON types.id = events.type";

const toEvent = ({ position, time, type, revision, stream }: Row): IndexedEvent => ({
  position: BigInt(Number(position)),
  stream: String(stream),
  revision: Number(revision),
  type: String(type),
  time: Number(time),
});

const positionsIn = (table: string, direction: string) =>
  `SELECT position FROM ${table} WHERE term = ? AND position BETWEEN ? AND ? ORDER BY position ${direction} LIMIT ?`;

const endless = 2n ** 63n - 1n;

/** Clients or blocks that totals tell of, the busiest: whoever registers clients by the thousand fills no answer. */
const mostValues = 1_000;

/** Reads an index over one connection. */
export class IndexReader {
  readonly #event: StatementSync;
  readonly #from: StatementSync;
  readonly #end: StatementSync;
  readonly #oldest: readonly StatementSync[];
  readonly #newest: readonly StatementSync[];
  readonly #counts: StatementSync;
  readonly #totals: StatementSync;
  readonly #anomalies: StatementSync;
  readonly #memory: StatementSync;

  constructor(db: DatabaseSync) {
    this.#event = db.prepare(`${eventColumns} WHERE position = ?`);
    this.#from = db.prepare(
      "SELECT position, latest FROM events WHERE position >= ? ORDER BY position LIMIT 1",
    );
    this.#end = db.prepare("SELECT coalesce(max(position), 0) AS position FROM events");
    const tables = ["postings", "addresses"];
    this.#oldest = tables.map((table) => db.prepare(positionsIn(table, "ASC")));
    this.#newest = tables.map((table) => db.prepare(positionsIn(table, "DESC")));
    this.#counts = db.prepare(
      "SELECT * FROM counts WHERE dimension = ? AND day BETWEEN ? AND ? ORDER BY day, what, value",
    );
    this.#totals = db.prepare(
      `WITH counted AS (SELECT what, value, count FROM counts WHERE dimension = ? AND day BETWEEN ? AND ?)
       SELECT what, value, sum(count) AS count FROM counted
       WHERE value IN (SELECT value FROM counted GROUP BY value ORDER BY sum(count) DESC, value LIMIT ${mostValues})
       GROUP BY value, what ORDER BY value, what`,
    );
    this.#anomalies = db.prepare(
      `SELECT * FROM anomalies WHERE time BETWEEN :since AND :until AND kind = coalesce(:kind, kind)
       ORDER BY number DESC LIMIT :limit`,
    );
    this.#memory = db.prepare("SELECT value FROM memories WHERE key = ?");
  }

  find(terms: readonly string[], { from = 0n, to = endless, limit, newestFirst = false }: Range) {
    const [postings, addresses] = newestFirst ? this.#newest : this.#oldest;
    const found = new Set<number>();
    for (const term of new Set(terms)) {
      const statement = term.startsWith("address:") ? addresses : postings;
      for (const { position } of statement?.all(termOf(term), from, to, limit) ?? [])
        found.add(Number(position));
    }
    const order = newestFirst ? -1 : 1;
    return [...found]
      .sort((one, other) => order * (one - other))
      .slice(0, limit)
      .flatMap((position) => this.at(BigInt(position)) ?? []);
  }

  last(stream: string, at: bigint): IndexedEvent | undefined {
    const [row] = this.#newest[0]?.all(streamTerm(stream), 0, at, 1) ?? [];
    return row && this.at(BigInt(Number(row.position)));
  }

  at(position: bigint): IndexedEvent | undefined {
    const row = this.#event.get(position);
    return row && toEvent(row as Row);
  }

  /** Between `before`, which is early enough, and `after`, which is too late, half by half. */
  positionAt(time: number): bigint {
    let before = 0n;
    let after = BigInt(Number(this.#end.get()?.position)) + 1n;
    while (after - before > 1n) {
      const middle = (before + after) / 2n;
      const row = this.#from.get(middle);
      const position = row && BigInt(Number(row.position));
      if (position !== undefined && position < after && Number(row?.latest) <= time) before = position;
      else after = middle;
    }
    return before;
  }

  counts(dimension: Count["dimension"], fromDay: number, toDay: number): readonly Count[] {
    return this.#counts.all(dimension, fromDay, toDay) as unknown as readonly Count[];
  }

  totals(dimension: Count["dimension"], fromDay: number, toDay: number): readonly Total[] {
    return this.#totals.all(dimension, fromDay, toDay) as unknown as readonly Total[];
  }

  anomalies({ since, until, limit, kind }: AnomalyRange): readonly Anomaly[] {
    const rows = this.#anomalies.all({ since, until, limit, kind: kind ?? null }).reverse();
    return rows.map(({ time, kind, subject, explanation, events }) => ({
      time: Number(time),
      kind: String(kind),
      subject: String(subject),
      explanation: String(explanation),
      events: JSON.parse(String(events)),
    }));
  }

  memory(key: string): string | undefined {
    const value = this.#memory.get(key)?.value;
    return value === undefined ? undefined : String(value);
  }
}
