import { type Command, InvalidArgumentError, Option } from "commander";
import { anomalyKinds } from "../../../application/audit/index/detectors/detector.ts";
import type { Anomaly } from "../../../application/ports/audit-index.ts";
import { addSettings, dataSettings } from "../options.ts";
import { plain, printRows } from "../run.ts";
import { parseInstant, parsePast } from "./instant.ts";
import { withIndex } from "./with-index.ts";

const defaultLimit = 100;

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a number from 1 on.");
  return Number(text);
}

const written = (anomaly: Anomaly) => ({ ...anomaly, time: new Date(anomaly.time).toISOString() });

function tell(anomalies: readonly Anomaly[]): void {
  if (anomalies.length === 0) console.log("None.");
  for (const { time, kind, subject, explanation, events } of anomalies.map(written))
    console.log(
      `${time}  ${kind}  ${plain(subject)}\n  ${plain(explanation)}\n  ${plain(events.join(", "))}`,
    );
}

/** dacapo audit anomalies: what the index noticed. */
export function addAnomaliesCommand(audit: Command): void {
  addSettings(
    audit.command("anomalies").description("what should be looked at: reuse, replays, moves, bursts, growth"),
    dataSettings,
  )
    .option("--since <time>", "noticed at or after this time, such as 2026-03-01T14:03Z", parsePast)
    .option("--until <time>", "noticed at or before this time", parseInstant)
    .addOption(new Option("--kind <kind>", "of this kind only").choices(anomalyKinds))
    .option("--limit <number>", "the newest so many", parseLimit, defaultLimit)
    .option("--json", "print JSON lines")
    .action(({ since = 0, until = Number.MAX_SAFE_INTEGER, kind, limit, json }, command: Command) => {
      if (since > until) throw new InvalidArgumentError("--since is later than --until.");
      return withIndex(command, async ({ index }) => {
        const found = index.anomalies({ since, until, kind, limit: limit + 1 });
        const shown = found.slice(-limit);
        if (json && shown.length > 0) printRows(shown.map(written), true);
        else if (!json) tell(shown);
        if (found.length > limit)
          console.error(`There are more; these are the newest ${limit}. --limit shows more.`);
      });
    });
}
