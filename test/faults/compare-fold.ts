import { compare, type Difference } from "../../application/audit/replay/compare.ts";
import { createReference } from "../../application/audit/replay/compare-reference.ts";
import type { EventStore } from "../../application/ports/event-store.ts";
import type { ReadModels } from "../../application/ports/read-models.ts";
import { generation } from "../../application/projections/index.ts";
import { systemClock as clock } from "../../infrastructure/clock.ts";
import { openSqliteReadModels } from "../../infrastructure/read-models/sqlite/sqlite-read-models.ts";

const patience = 15_000;

const shown = ({ kind, collection, id, index, members }: Difference): string =>
  [
    `${collection}/${id}: ${kind}${index === undefined ? "" : ` ${index}`}`,
    ...members.map(({ path, folded, live }) => `  ${path}: folded ${folded}, live ${live}`),
  ].join("\n");

/** Waits until the read models hold all that the log held a moment ago. */
async function untilAtEnd(store: EventStore, live: ReadModels): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    const end = await store.lastPosition();
    const { position, ahead } = await live.checkpoint();
    if (position >= end && ahead === null) return;
    if (performance.now() > deadline)
      throw new Error(`the read models stand at ${position}, the log at ${end}`);
    await clock.sleep(50);
  }
}

/**
 * I9: the read models that answer hold what a fresh fold of the log to the same position gives, document by document and
 * index by index. Documents that expired do not count. Answers what differs, and how many documents were compared.
 */
export async function compareFold(
  store: EventStore,
  live: ReadModels,
): Promise<{ readonly differences: readonly string[]; readonly compared: number }> {
  await untilAtEnd(store, live);
  const models = openSqliteReadModels({ file: ":memory:", logId: store.logId, generation });
  const differences: string[] = [];
  try {
    const reference = createReference(store, models);
    const { compared } = await compare({ reference, live, clock }, (difference) => {
      differences.push(shown(difference));
    });
    return { differences, compared: [...compared.values()].reduce((sum, count) => sum + count, 0) };
  } finally {
    await models.close();
  }
}
