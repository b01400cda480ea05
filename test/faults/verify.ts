import { expect } from "vitest";
import { vocabulary } from "../../application/events/vocabulary.ts";
import type { EventStore, StoredEvent } from "../../application/ports/event-store.ts";
import { generation } from "../../application/projections/index.ts";
import { openEventStoreDb } from "../../infrastructure/event-store/eventstoredb/index.ts";
import { openRedisReadModels } from "../../infrastructure/read-models/redis/index.ts";
import { checkHistory } from "../support/history.ts";
import { compareFold } from "./compare-fold.ts";
import type { Deployment } from "./deployment.ts";
import type { Load } from "./load.ts";
import { falseDeaths } from "./wrong-answers.ts";

async function wholeLog(store: EventStore): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await store.readAll(events.at(-1)?.position ?? 0n, 1_000);
    if (page.length === 0) return events;
    events.push(...page);
  }
}

/** What was under load, and where its read models are now. */
export interface Verified {
  readonly deployment: Deployment;
  readonly redis: { readonly url: string };
}

/** What a run did, in one line. */
function account(name: string, { tally }: Load, events: number, documents: number): string {
  return `${name}: ${events} events, ${documents} documents; ${tally}`;
}

/**
 * Ends a run: when all is well again, everything that was answered must be explained by the log (I1–I8, I10, I13), and
 * the read models must be what a fresh fold gives (I9).
 */
export async function verify(name: string, { deployment, redis }: Verified, load: Load): Promise<void> {
  await deployment.untilReady();
  await load.askAboutTheDead();
  await load.stop();
  const store = await openEventStoreDb({ url: deployment.store.url });
  const shape = { generation, vocabulary: vocabulary() };
  const live = await openRedisReadModels({ url: redis.url, logId: store.logId, ...shape });
  try {
    const { differences, compared } = await compareFold(store, live);
    const log = await wholeLog(store);
    const told = account(name, load, log.length, compared);
    console.log(told);
    const violations = checkHistory(load.history, log).map(
      ({ invariant, message }) => `${invariant}: ${message}`,
    );
    const wrong = [
      ...load.wrong,
      ...violations,
      ...falseDeaths(load.history, log),
      ...load.tally.unexpected(),
    ];
    expect(wrong.slice(0, 20), told).toEqual([]);
    expect(differences.slice(0, 20), told).toEqual([]);
    expect(deployment.crashes(), told).toEqual([]);
  } finally {
    await live.close();
    await store.close();
  }
}
