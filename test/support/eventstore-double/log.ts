/** The revision of a tombstone, and the `$tb` of a stream that is deleted as a whole. */
export const end = 2n ** 63n - 1n;

/** An event as it arrives. */
export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** An event as the log holds it. */
export interface Recorded extends Proposed {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  /** In units of 100 nanoseconds. */
  readonly created: string;
  /** The answer that tells it, encoded once. */
  encoded?: Buffer;
}

/** The revision of the last event, -1 for none, or what leaves it open. */
export type Expected = bigint | "any" | "exists";

export type Verdict =
  | { readonly status: "written"; readonly revision: bigint; readonly position: bigint }
  | { readonly status: "wrong"; readonly current: bigint }
  | { readonly status: "deleted" };

interface Stream {
  readonly events: Recorded[];
  tombstoned: boolean;
}

const utf8 = new TextEncoder();

/** An event of the server's own making. */
export function jsonEvent(type: string, json: string): Proposed {
  const id = crypto.randomUUID();
  return { id, type, contentType: "application/json", data: utf8.encode(json), metadata: new Uint8Array() };
}

/** The log of a server, with the server's rules. */
export class Log {
  readonly all: Recorded[] = [];
  /** Added to the clock, in milliseconds. */
  clockOffset = 0;
  readonly #streams = new Map<string, Stream>();
  readonly #listeners = new Set<() => void>();
  #position = 0n;

  constructor() {
    this.#write("$settings", [jsonEvent("$settings", "{}")]);
  }

  append(name: string, events: readonly Proposed[], expected: Expected): Verdict {
    const stream = this.#streams.get(name);
    const current = BigInt(stream?.events.length ?? 0) - 1n;
    if (stream?.tombstoned) return { status: "deleted" };
    if (expected === "exists" && current < 0n) return { status: "wrong", current };
    if (typeof expected === "bigint" && expected !== current) {
      const first = this.#written(name, events, expected);
      if (first !== undefined) return first;
      if (expected !== -1n || this.#truncatedBefore(name) !== end) return { status: "wrong", current };
    }
    if (this.#truncatedBefore(name) === end) this.setMetadata(name, { $tb: current + 1n });
    return this.#write(name, events);
  }

  softDelete(name: string, expected: Expected): Verdict {
    const verdict = this.#mayDelete(name, expected);
    if (verdict !== undefined) return verdict;
    this.setMetadata(name, { $tb: end });
    return { status: "written", revision: 0n, position: this.#position };
  }

  tombstone(name: string, expected: Expected): Verdict {
    const verdict = this.#mayDelete(name, expected);
    if (verdict !== undefined) return verdict;
    const stream = this.#stream(name);
    stream.tombstoned = true;
    return this.#write(name, [jsonEvent("$streamDeleted", "{}")], end);
  }

  /** What of a stream can be read; undefined where it is not there or all of it is hidden. */
  visible(name: string): readonly Recorded[] | "deleted" | undefined {
    const stream = this.#streams.get(name);
    if (stream?.tombstoned) return "deleted";
    const hiddenUntil = this.#truncatedBefore(name);
    if (stream === undefined || hiddenUntil === end) return undefined;
    const maxCount = this.#metadata(name, "$maxCount") ?? end;
    const length = BigInt(stream.events.length);
    const from = [hiddenUntil, length - maxCount, 0n].reduce((a, b) => (a > b ? a : b));
    return stream.events.slice(Number(from));
  }

  /** Merges with the metadata that the stream has. */
  setMetadata(name: string, added: Record<string, bigint>): void {
    const fields = ["$tb", "$maxCount"].map((key) => [key, added[key] ?? this.#metadata(name, key)] as const);
    const json = fields.filter(([, value]) => value !== undefined).map(([key, value]) => `"${key}":${value}`);
    this.#write(`$$${name}`, [jsonEvent("$metadata", `{${json.join(",")}}`)]);
  }

  /** Removes what was deleted. Of a stream that is not tombstoned the last event stays: it tells where the stream ended. */
  scavenge(): void {
    const isKept = (event: Recorded) => {
      if (event.stream.startsWith("$") || event.type === "$streamDeleted") return true;
      const visible = this.visible(event.stream);
      if (visible === "deleted") return false;
      return visible?.includes(event) === true || this.#streams.get(event.stream)?.events.at(-1) === event;
    };
    this.all.splice(0, this.all.length, ...this.all.filter(isKept));
  }

  /** Loses its last events, as a backup that is put in its place lacks them: their positions come again. */
  setBack(count: number): void {
    for (const { stream } of this.all.splice(-count)) this.#streams.get(stream)?.events.pop();
    this.#position = this.all.at(-1)?.position ?? 0n;
  }

  /** Index in `all` of the first event after the position. */
  indexAfter(position: bigint): number {
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.all[middle]?.position ?? 0n) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Calls back once, at the next event. */
  onNext(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #stream(name: string): Stream {
    const stream = this.#streams.get(name) ?? { events: [], tombstoned: false };
    this.#streams.set(name, stream);
    return stream;
  }

  #write(name: string, events: readonly Proposed[], revision?: bigint): Verdict {
    const stream = this.#stream(name);
    const created = String((BigInt(Date.now()) + BigInt(this.clockOffset)) * 10_000n);
    for (const event of events) {
      this.#position += BigInt(100 + event.data.length + event.metadata.length);
      const at = revision ?? BigInt(stream.events.length);
      const recorded = { ...event, stream: name, revision: at, position: this.#position, created };
      if (revision === undefined) stream.events.push(recorded);
      this.all.push(recorded);
    }
    const waiting = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of waiting) listener();
    return {
      status: "written",
      revision: revision ?? BigInt(stream.events.length) - 1n,
      position: this.#position,
    };
  }

  /** What the same events were answered when they were new. */
  #written(name: string, events: readonly Proposed[], after: bigint): Verdict | undefined {
    const there = this.#streams.get(name)?.events.slice(Number(after) + 1, Number(after) + 1 + events.length);
    const last = there?.at(-1);
    if (last === undefined || events.some(({ id }, index) => there?.[index]?.id !== id)) return undefined;
    return { status: "written", revision: last.revision, position: last.position };
  }

  #mayDelete(name: string, expected: Expected): Verdict | undefined {
    const stream = this.#streams.get(name);
    const current = BigInt(stream?.events.length ?? 0) - 1n;
    if (stream?.tombstoned) return { status: "deleted" };
    if (expected === "any" || expected === current) return undefined;
    if (expected === "exists" && current >= 0n) return undefined;
    if (expected === -1n && this.#truncatedBefore(name) === end) return undefined;
    return { status: "wrong", current };
  }

  #truncatedBefore(name: string): bigint {
    return this.#metadata(name, "$tb") ?? 0n;
  }

  #metadata(name: string, key: string): bigint | undefined {
    const last = this.#streams.get(`$$${name}`)?.events.at(-1);
    if (last === undefined) return undefined;
    const found = new RegExp(`"\\${key}"\\s*:\\s*(\\d+)`).exec(Buffer.from(last.data).toString());
    return found?.[1] === undefined ? undefined : BigInt(found[1]);
  }
}
