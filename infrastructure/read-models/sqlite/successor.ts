import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Successor } from "../../../application/ports/read-models.ts";
import { checkpointOf } from "./checkpoint.ts";
import type { Connection, Transaction } from "./connection.ts";
import type { Owner } from "./database.ts";
import { applyBatch, listDocuments } from "./documents.ts";
import type { Build } from "./statements.ts";

/**
 * The build beside the live one, which another process may have begun, and let take over. It ends with this opening of the
 * file. @param forget is called before each write
 */
export function openSuccessor(
  connection: Connection,
  { logId, generation }: Owner,
  forget: () => void,
): Successor {
  const { build, incarnation } = connection.write((transaction) => {
    transaction.statements.beginNext.run({ logId, generation, now: Date.now() });
    const next = transaction.statements.next.get({ logId, generation }) as unknown as Build;
    return { build: next.build, incarnation: transaction.incarnation };
  });

  /** The build, unless it was replaced in its turn. */
  function current({ statements, incarnation: now }: Transaction): Build | undefined {
    if (now !== incarnation) throw new Unavailable("The file of these read models was opened anew");
    const found = statements.build.get(build) as unknown as Build | undefined;
    return found?.role === "old" ? undefined : found;
  }

  return {
    async checkpoint() {
      return connection.readUnfinished((transaction) => {
        const found = current(transaction);
        if (!found) throw new Unavailable("These read models were replaced");
        return checkpointOf(found, incarnation);
      });
    },

    async apply(batch) {
      forget();
      return connection.write((transaction) => {
        const found = current(transaction);
        return found !== undefined && applyBatch(transaction.statements, build, batch);
      });
    },

    async listUnfinished(collection, query) {
      return connection.readUnfinished((transaction) => {
        current(transaction);
        return listDocuments(transaction.statements, build, collection, query);
      });
    },

    async takeOver() {
      forget();
      return connection.write((transaction) => takeOver(transaction, current(transaction)));
    },
  };
}

function takeOver({ statements, live }: Transaction, next: Build | undefined): boolean {
  if (next?.role === "live") return true;
  if (!next || next.position < live.position) return false;
  statements.retire.run(live.build);
  statements.promote.run({ build: next.build, heartbeat: live.heartbeat, now: Date.now() });
  return true;
}
