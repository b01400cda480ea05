import { Cluster, type Redis } from "ioredis";
import type { RedisClient } from "../../redis/connect.ts";
import { isMoved, unavailable } from "../../redis/failures.ts";
import { Storage } from "./document/storage.ts";
import { emptyVocabulary, Lexicon } from "./document/vocabulary.ts";
import { type Owner, type Part, partsOf } from "./keys.ts";
import { createLinks, type Links } from "./links.ts";
import type { Script } from "./scripts/script.ts";

/** A command and its arguments. */
export type Command = readonly [name: string, ...args: string[]];

/** Answers of bytes as they are, or as text. */
type Form = "text" | "bytes";

/** In how many parts a Cluster holds read models: enough to use every server of a large one. */
const clusterParts = 16;

/** Asks the servers of all parts. What fails is `Unavailable`; nothing is sent twice or to another server. */
export class Connection {
  readonly parts: readonly Part[];
  readonly links: Links;
  readonly storage: Storage;

  constructor(client: RedisClient, owner: Owner) {
    this.storage = new Storage(new Lexicon(owner.vocabulary ?? emptyVocabulary));
    this.parts = partsOf(owner, client instanceof Cluster ? clusterParts : 1);
    this.links = createLinks(client, this.parts);
  }

  /** Parts of one server together. @throws {Unavailable} */
  byServer(parts: readonly Part[]): ReadonlyMap<Redis, readonly Part[]> {
    return Map.groupBy(parts, (part) => this.links.to(part));
  }

  /** Runs a script on a part, by its digest where the server knows it. `keys` follow those of live and next. */
  async run(
    part: Part,
    { lua, sha }: Script,
    keys: readonly string[],
    args: readonly (string | Buffer)[],
    form: Form = "text",
  ): Promise<unknown> {
    const all = [part.live, part.next, ...keys];
    const rest = [all.length, ...all, ...args];
    const redis = this.links.to(part);
    const call = form === "text" ? "call" : "callBuffer";
    return await this.#guarded(redis, async () => {
      try {
        return await redis[call]("EVALSHA", [sha, ...rest]);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
        return await redis[call]("EVAL", [lua, ...rest]);
      }
    });
  }

  /** Sends commands to one server in one round trip; fails where one of them does. @throws {Unavailable} */
  async pipeline(
    redis: Redis,
    commands: readonly Command[],
    form: Form = "text",
  ): Promise<readonly unknown[]> {
    const call = form === "text" ? "call" : "callBuffer";
    return await this.#guarded(redis, async () => {
      const [first, ...more] = commands;
      if (first && more.length === 0) return [await redis[call](first[0], first.slice(1))];
      const replies = await redis.pipeline(commands.map((command) => [call, ...command])).exec();
      return (replies ?? []).map(([error, reply]) => {
        if (error) throw error;
        return reply;
      });
    });
  }

  async #guarded<Result>(redis: Redis, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (isMoved(error)) this.links.distrust(redis);
      throw unavailable(error);
    }
  }
}
