import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Connection } from "./connection.ts";
import type { Part } from "./keys.ts";
import type { Look } from "./look.ts";
import type { Meta } from "./meta.ts";

/** What this process knows of the read models that answer, from the last look at them. */
export class View {
  readonly #connection: Connection;
  #look: Look;
  /** The build of each part as it was read last; a look and a read may both learn of another. */
  readonly #builds: string[];

  constructor(connection: Connection, look: Look) {
    this.#connection = connection;
    this.#look = look;
    this.#builds = look.metas.map(({ build }) => build);
  }

  /** Takes the newest look. */
  see(look: Look): void {
    if (look.askedAt < this.#look.askedAt) return;
    this.#look = look;
    for (const [number, { build }] of look.metas.entries()) this.#builds[number] = build;
  }

  get last(): Look {
    return this.#look;
  }

  /** Names what answers now; undefined where nobody has looked at it yet. */
  incarnation(): string | undefined {
    return this.#connection.links.epoch() === this.#look.epoch ? incarnationOf(this.#look) : undefined;
  }

  /** @throws {Unavailable} where something else answers now than what is believed */
  requireStill(believed: string | undefined): void {
    if (believed !== undefined && this.incarnation() !== believed)
      throw new Unavailable("The read models in Redis are answered by another server than was believed");
  }

  /** @throws {Unavailable} where what answers now was not looked at */
  requireLookedAt(): void {
    if (this.incarnation() === undefined)
      throw new Unavailable(
        "Redis cannot be used: the connection is new, and nobody has asked yet what is there",
      );
  }

  /** The build under which to ask a part for documents. */
  buildOf({ number }: Part): string {
    return this.#builds[number] ?? "";
  }

  /**
   * Believes the meta that came with an answer; false where it is that of another build than was asked for.
   * @throws {Unavailable} where it says that the documents are not to be read
   */
  believe(part: Part, asked: string, meta: Meta | undefined): boolean {
    this.requireReadable(part, meta);
    this.#builds[part.number] = meta.build;
    return meta.build === asked;
  }

  /** @throws {Unavailable} where these documents are not to be read */
  requireReadable(part: Part, meta: Meta | undefined): asserts meta is Meta {
    this.requireLookedAt();
    if (!meta || meta.heartbeat === 0) throw new Unavailable("The read models in Redis are being built");
    if (meta.server !== this.#look.servers[part.number])
      throw new Unavailable("The read models in Redis came to another server");
  }
}

/** Names the servers that were looked at, and the connections to them. */
export const incarnationOf = ({ epoch, servers }: Look): string =>
  `${epoch}:${[...new Set(servers)].join(",")}`;
