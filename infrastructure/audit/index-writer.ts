import { hash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { IndexBatch, IndexEntry } from "../../application/ports/audit-index.ts";

/** Terms whose hashes are remembered: those of one request, person or client come again and again. */
const maxTerms = 20_000;
const terms = new Map<string, bigint>();

/** A term as it stands in the tables: the first 64 bits of its hash, as a signed number. */
export function termOf(term: string): bigint {
  const known = terms.get(term);
  if (known !== undefined) return known;
  const fresh = hash("sha256", term, "buffer").readBigInt64BE(0);
  if (terms.size >= maxTerms) terms.clear();
  terms.set(term, fresh);
  return fresh;
}

/** By what the events of a stream are found. */
export const streamTerm = (stream: string): bigint => termOf(`stream:${stream}`);

const typeIds = new Map<string, number>();

/** The number by which a type stands in the tables: 31 bits of its hash. */
function typeIdOf(name: string): number {
  const id = typeIds.get(name) ?? Number(termOf(name) & 0x7fff_ffffn);
  typeIds.set(name, id);
  return id;
}

/** Writes batches, within a transaction of the caller. */
export class IndexWriter {
  readonly #advance: StatementSync;
  readonly #latest: StatementSync;
  readonly #event: StatementSync;
  readonly #posting: StatementSync;
  readonly #address: StatementSync;
  readonly #count: StatementSync;
  readonly #anomaly: StatementSync;
  readonly #remember: StatementSync;
  readonly #drop: StatementSync;
  readonly #forget: readonly StatementSync[];
  readonly #addType: StatementSync;

  constructor(db: DatabaseSync) {
    this.#advance = db.prepare(
      "UPDATE meta SET position = :to, last_id = :lastId, latest = :latest, events = events + :events WHERE position = :from",
    );
    this.#latest = db.prepare("SELECT latest FROM meta");
    this.#event = db.prepare(
      "INSERT INTO events (position, latest, time, type, revision, stream) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#posting = db.prepare("INSERT OR IGNORE INTO postings (term, position) VALUES (?, ?)");
    this.#address = db.prepare("INSERT OR IGNORE INTO addresses (term, position, owner) VALUES (?, ?, ?)");
    this.#count = db.prepare(
      `INSERT INTO counts (day, what, dimension, value, count) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    );
    this.#anomaly = db.prepare(
      "INSERT INTO anomalies (time, kind, subject, explanation, events) VALUES (?, ?, ?, ?, ?)",
    );
    this.#remember = db.prepare(
      "INSERT INTO memories (key, owner, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    );
    this.#drop = db.prepare("DELETE FROM memories WHERE key = ?");
    this.#forget = [
      db.prepare("DELETE FROM addresses WHERE owner = :term AND :owner <> ''"),
      db.prepare("DELETE FROM memories WHERE owner = :owner AND :term IS NOT NULL"),
    ];
    this.#addType = db.prepare("INSERT OR IGNORE INTO types (id, name) VALUES (?, ?)");
  }

  /** False where the index stands elsewhere. */
  write({ from, to, lastId, entries, counts, anomalies, memories, forgotten }: IndexBatch): boolean {
    let latest = Number(this.#latest.get()?.latest);
    for (const { event } of entries) latest = Math.max(latest, event.time);
    const before = Number(this.#latest.get()?.latest);
    const { changes } = this.#advance.run({ from, to, lastId, latest, events: entries.length });
    if (changes === 0) return false;
    this.#addTypes(entries);
    this.#addEvents(entries, before);
    for (const { day, what, dimension, value, count } of counts)
      this.#count.run(day, what, dimension, value, count);
    for (const { time, kind, subject, explanation, events } of anomalies)
      this.#anomaly.run(time, kind, subject, explanation, JSON.stringify(events));
    for (const { key, owner, value } of memories)
      if (value === null) this.#drop.run(key);
      else this.#remember.run(key, owner, value);
    for (const owner of forgotten)
      for (const statement of this.#forget) statement.run({ owner, term: termOf(`owner:${owner}`) });
    return true;
  }

  #addEvents(entries: readonly IndexEntry[], before: number): void {
    const postings: (readonly [term: bigint, position: bigint])[] = [];
    let latest = before;
    for (const { event, terms, addresses, owner } of entries) {
      const { position, time, type, revision, stream } = event;
      latest = Math.max(latest, time);
      this.#event.run(position, latest, time, typeIdOf(type), revision, stream);
      postings.push([streamTerm(stream), position]);
      for (const term of terms) postings.push([termOf(term), position]);
      for (const address of addresses)
        this.#address.run(termOf(address), position, termOf(`owner:${owner ?? ""}`));
    }
    // In the order of the tree, neighbours are written together.
    postings.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
    for (const [term, position] of postings) this.#posting.run(term, position);
  }

  // By its name alone, and anew in each batch: whoever made the index anew meanwhile means the same by it.
  #addTypes(entries: readonly IndexEntry[]): void {
    for (const name of new Set(entries.map(({ event }) => event.type)))
      this.#addType.run(typeIdOf(name), name);
  }
}
