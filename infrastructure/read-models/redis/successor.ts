import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Successor } from "../../../application/ports/read-models.ts";
import type { Connection } from "./connection.ts";
import { all, applyTo, checkpointOf, merge, pagesOf } from "./fill.ts";
import type { Part } from "./keys.ts";
import { type Choose, type Looker, newBuild } from "./look.ts";
import { beginScript, takeOverScript } from "./scripts/successor.ts";
import type { View } from "./view.ts";

/**
 * Begins read models beside those that answer, or takes up those that another process has begun. The first part says
 * which build they are: it begins first and is taken over last.
 */
export async function openSuccessor(connection: Connection, looker: Looker, view: View): Promise<Successor> {
  const [first, ...others] = connection.parts as readonly [Part, ...Part[]];
  const look = view.last;
  const begin = async (part: Part, build: string, decides: boolean) => {
    const args = [build, look.servers[part.number] ?? "", decides ? "1" : "0", part.root];
    return String(await connection.run(part, beginScript, [part.replaced], args));
  };
  const build = await begin(first, newBuild(), true);
  await all(others.map((part) => begin(part, build, false)));

  const choose: Choose = (part, live, next) => {
    if (live?.build === build) return { key: part.live, meta: live };
    if (next?.build === build) return { key: part.next, meta: next };
    throw new Unavailable("The read models that were filled in Redis are gone: they must be begun anew");
  };
  let seen = await looker.look(choose);

  /** A server that came back may hold other data than the one that was looked at. */
  function requireLookedAt(): void {
    if (seen.epoch !== connection.links.epoch())
      throw new Unavailable(
        "Redis cannot be used: the connection is new, and nobody has asked yet what is there",
      );
  }

  const takeOver = async (part: Part) => {
    const args = [build, seen.servers[part.number] ?? "", part.root];
    return (await connection.run(part, takeOverScript, [part.replaced], args)) === 1;
  };

  return {
    async checkpoint() {
      seen = await looker.look(choose);
      return checkpointOf(seen);
    },
    async apply(batch) {
      requireLookedAt();
      return await applyTo(connection, seen, batch);
    },
    listUnfinished: async (collection, query) =>
      merge(await pagesOf(connection, collection, query, () => build), query.limit),
    async takeOver() {
      requireLookedAt();
      const taken = await all(others.map(takeOver));
      return taken.every((it) => it) && (await takeOver(first));
    },
  };
}
