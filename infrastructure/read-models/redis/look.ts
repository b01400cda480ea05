import { randomBytes } from "node:crypto";
import type { Redis } from "ioredis";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Connection } from "./connection.ts";
import type { Part } from "./keys.ts";
import { type Meta, parseMeta } from "./meta.ts";
import { settleScript } from "./scripts/checkpoints.ts";
import { inspection, inspectServer, requireMaster, timeOf } from "./servers.ts";

/** What the servers said when they were last asked, part by part. */
export interface Look {
  readonly epoch: number;
  /** The run ids of the servers. */
  readonly servers: readonly string[];
  readonly metas: readonly Meta[];
  /** The clocks of the servers, and when (monotonic) they were asked. */
  readonly times: readonly number[];
  readonly askedAt: number;
}

/** A meta that was found, and the key under which it must be kept up. */
export interface Found {
  readonly key: string;
  readonly meta: Meta | undefined;
}

/** Chooses among the metas of the live build and of its successor. @throws {Unavailable} where none is meant */
export type Choose = (part: Part, live: Meta | undefined, next: Meta | undefined) => Found;

interface PartLook {
  readonly part: Part;
  readonly runId: string;
  readonly time: number;
  readonly meta: Meta;
}

/** Short, since it stands in every key. */
export const newBuild = (): string => randomBytes(6).toString("base64url");

/** Looks at all parts in one round trip a server; one more where a part is new or came to another server. */
export class Looker {
  readonly #connection: Connection;
  /** Run ids by connection, for as long as no connection is lost. */
  readonly #runIds = new Map<Redis, string>();
  #epoch = -1;
  /** The server on which each part was seen last. */
  readonly #lastServers: string[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @throws {Unavailable} */
  async look(choose: Choose): Promise<Look> {
    const { links, parts } = this.#connection;
    await links.mend();
    const epoch = links.epoch();
    this.#forgetBefore(epoch);
    const askedAt = performance.now();
    const groups = [...this.#connection.byServer(parts)];
    const found = (
      await Promise.all(groups.map(([redis, parts]) => this.#lookAt(redis, parts, choose)))
    ).flat();
    if (links.epoch() !== epoch)
      throw new Unavailable("Redis cannot be used: the connection was lost meanwhile");
    found.sort((one, other) => one.part.number - other.part.number);
    return {
      epoch,
      servers: found.map(({ runId }) => runId),
      metas: found.map(({ meta }) => meta),
      times: found.map(({ time }) => time),
      askedAt,
    };
  }

  #forgetBefore(epoch: number): void {
    if (epoch === this.#epoch) return;
    this.#runIds.clear();
    this.#epoch = epoch;
  }

  async #lookAt(redis: Redis, parts: readonly Part[], choose: Choose): Promise<readonly PartLook[]> {
    const epoch = this.#epoch;
    const known = this.#runIds.get(redis);
    const metas = parts.flatMap(({ live, next }) => [["get", live] as const, ["get", next] as const]);
    const commands = [["time"], ["role"], ...metas, ...(known ? [] : inspection)] as const;
    const [time, role, ...replies] = await this.#connection.pipeline(redis, commands);
    const runId = known ?? inspectServer(replies.slice(metas.length));
    this.#requireMaster(redis, role);
    if (epoch === this.#epoch) this.#runIds.set(redis, runId);
    const settled = parts.map(async (part, at) => {
      const found = choose(part, parseMeta(replies[2 * at]), parseMeta(replies[2 * at + 1]));
      return { part, runId, time: timeOf(time), meta: await this.#settle(part, runId, found) };
    });
    return await Promise.all(settled);
  }

  #requireMaster(redis: Redis, role: unknown): void {
    try {
      requireMaster(role);
    } catch (error) {
      this.#connection.links.distrust(redis);
      throw error;
    }
  }

  async #settle(part: Part, runId: string, { key, meta }: Found): Promise<Meta> {
    // Who comes later than others may have filled the server that was left until now: it has moved only now.
    const isHere = meta?.server === runId && !this.#wasElsewhere(part, runId);
    const settled = isHere ? meta : await this.#move(part, runId, key, meta ? "" : newBuild());
    this.#lastServers[part.number] = runId;
    return settled;
  }

  #wasElsewhere({ number }: Part, runId: string): boolean {
    const last = this.#lastServers[number];
    return last !== undefined && last !== runId;
  }

  async #move(part: Part, runId: string, key: string, build: string): Promise<Meta> {
    const args = [runId, build, this.#wasElsewhere(part, runId) ? "1" : "0", part.generation];
    const meta = parseMeta(await this.#connection.run(part, settleScript, [key, part.generations], args));
    if (!meta) throw new Unavailable("The read models in Redis were replaced meanwhile");
    return meta;
  }
}
