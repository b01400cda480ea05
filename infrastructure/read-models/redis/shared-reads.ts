import type { Redis } from "ioredis";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Document, DocumentKey } from "../../../application/ports/read-models.ts";
import { BoundedMap } from "../../bounded/map.ts";
import type { Command, Connection } from "./connection.ts";
import { documentKey, type Part, partNumberOf } from "./keys.ts";
import { parseMeta } from "./meta.ts";
import type { View } from "./view.ts";

interface Waiting {
  readonly keys: readonly DocumentKey[];
  readonly resolve: (documents: readonly (Document | undefined)[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What one part is asked for: each document once. */
interface Question {
  readonly part: Part;
  readonly keys: readonly DocumentKey[];
}

type Documents = Map<string, Document | undefined>;

/** Documents that are remembered as they were parsed. */
const maxParsed = 4_096;
/** Bytes of a document that is remembered. */
const maxStored = 8_192;

/** How often a read follows read models that were replaced while it was under way. */
const maxSwitches = 5;

/**
 * Answers the reads of one turn of the event loop together: one MGET a part, with its meta before the documents, each of
 * which is read and parsed once. Requests of one time ask for the same client and resource.
 */
export class SharedReads {
  readonly #connection: Connection;
  readonly #view: View;
  #waiting: Waiting[] = [];
  readonly #parsed = new BoundedMap<string, { readonly stored: string; readonly document: Document }>(
    maxParsed,
  );

  constructor(connection: Connection, view: View) {
    this.#connection = connection;
    this.#view = view;
  }

  /** @throws {Unavailable} */
  getMany(keys: readonly DocumentKey[]): Promise<readonly (Document | undefined)[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly (Document | undefined)[]>();
    this.#waiting.push({ keys, resolve, reject });
    if (this.#waiting.length === 1) setImmediate(() => void this.#answer());
    return promise;
  }

  async #answer(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      const documents: Documents = new Map();
      await this.#ask(this.#questions(batch), documents, maxSwitches);
      for (const { keys, resolve } of batch) resolve(keys.map((key) => documents.get(nameOf(key))));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  #questions(batch: readonly Waiting[]): readonly Question[] {
    const { parts } = this.#connection;
    const keys = new Map(batch.flatMap(({ keys }) => keys).map((key) => [nameOf(key), key]));
    const byPart = Map.groupBy(keys.values(), ({ id }) => partNumberOf(id, parts.length));
    // Who asks for nothing asks whether there is an answer.
    if (byPart.size === 0) byPart.set(0, []);
    return parts.flatMap((part) => {
      const asked = byPart.get(part.number);
      return asked ? [{ part, keys: asked }] : [];
    });
  }

  /** Asks all servers at once, and again the parts that have become another build. */
  async #ask(questions: readonly Question[], documents: Documents, switches: number): Promise<void> {
    if (switches === 0) throw new Unavailable("The read models in Redis were replaced too often meanwhile");
    this.#view.requireLookedAt();
    const byServer = Map.groupBy(questions, ({ part }) => this.#connection.links.to(part));
    const asked = [...byServer].map(([redis, questions]) => this.#askServer(redis, questions, documents));
    const again = (await Promise.all(asked)).flat();
    if (again.length > 0) await this.#ask(again, documents, switches - 1);
  }

  async #askServer(redis: Redis, questions: readonly Question[], documents: Documents) {
    const builds = questions.map(({ part }) => this.#view.buildOf(part));
    const commands = questions.map(
      ({ part, keys }, at): Command => [
        "mget",
        part.live,
        ...keys.map(({ collection, id }) => documentKey(part, builds[at] ?? "", collection, id)),
      ],
    );
    const replies = (await this.#connection.pipeline(redis, commands, "bytes")) as (Buffer | null)[][];
    return questions.filter(({ part, keys }, at) => {
      const [meta, ...found] = replies[at] ?? [];
      if (!this.#view.believe(part, builds[at] ?? "", parseMeta(meta))) return true;
      for (const [n, key] of keys.entries()) documents.set(nameOf(key), this.#parse(key, found[n]));
      return false;
    });
  }

  /** The same bytes say the same as the last time. */
  #parse(key: DocumentKey, found: Buffer | null | undefined): Document | undefined {
    if (!found) return undefined;
    const name = nameOf(key);
    // A string holds them alone; a slice would hold all that came with it.
    const stored = found.toString("latin1");
    const known = this.#parsed.get(name);
    if (known?.stored === stored) return known.document;
    const document = this.#connection.storage.read(key.id, found);
    if (found.length <= maxStored) this.#parsed.set(name, { stored, document });
    return document;
  }
}

const nameOf = ({ collection, id }: DocumentKey): string => `${collection}/${id}`;
