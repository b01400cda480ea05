import { dayLength } from "../../../../application/audit/index/counts.ts";
import { type Days, type StatsRow, statsOf } from "../../../../application/audit/stats.ts";
import type { Anomaly } from "../../../../application/ports/audit-index.ts";
import type { IndexedAudit } from "../with-index.ts";

/** What a report is made of. */
export interface Report {
  readonly issuer: string;
  /** Epoch milliseconds. */
  readonly madeAt: number;
  readonly days: Days;
  /** A row a day that had anything. */
  readonly daily: readonly StatsRow[];
  /** The busiest first, all of them. */
  readonly clients: readonly StatsRow[];
  readonly blocks: readonly StatsRow[];
  /** The newest first. */
  readonly anomalies: readonly Anomaly[];
  readonly areAllAnomaliesShown: boolean;
}

/** More are not listed. */
const maxAnomalies = 200;

/** Takes from the index what a report on these days shows. @throws {Unavailable} */
export function reportOf(
  { index, secrets, clock, config }: Pick<IndexedAudit, "index" | "secrets" | "clock" | "config">,
  days: Days,
): Report {
  const [daily, clients, blocks] = (["day", "client", "block"] as const).map((by) =>
    statsOf({ index, secrets }, by, days),
  ) as [readonly StatsRow[], readonly StatsRow[], readonly StatsRow[]];
  const anomalies = index.anomalies({
    since: days.since * dayLength,
    until: (days.until + 1) * dayLength - 1,
    limit: maxAnomalies + 1,
  });
  return {
    issuer: config.issuer,
    madeAt: clock.now(),
    days,
    daily,
    clients,
    blocks,
    anomalies: anomalies.slice(-maxAnomalies).reverse(),
    areAllAnomaliesShown: anomalies.length <= maxAnomalies,
  };
}
