import { type Command, InvalidArgumentError, Option } from "commander";
import { dayLength } from "../../../application/audit/index/counts.ts";
import {
  type Days,
  dayText,
  type StatsBy,
  type StatsRow,
  statsOf,
  summaryOf,
} from "../../../application/audit/stats.ts";
import { addSettings, dataSettings } from "../options.ts";
import { print, printRows } from "../run.ts";
import { reportOf } from "./report/contents.ts";
import { reportPage } from "./report/page.ts";
import { writeReport } from "./report/write.ts";
import { type IndexedAudit, withIndex } from "./with-index.ts";

/** Days that are shown where nobody says since when. */
const defaultDays = 30;

/** A day as it is typed, in days since 1970-01-01. */
function parseDay(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time) || dayText(time / dayLength) !== text)
    throw new InvalidArgumentError("It must be a day such as 2026-03-01; days begin at midnight UTC.");
  return time / dayLength;
}

function daysOf({ since, until }: Partial<Days>, today: number): Days {
  if (since !== undefined && since > today)
    throw new InvalidArgumentError("--since is still to come: nothing has happened by then.");
  const last = until ?? today;
  const days = { since: since ?? last - defaultDays + 1, until: last };
  if (days.since > days.until) throw new InvalidArgumentError("--since is later than --until.");
  return days;
}

/** A row as it stands in the table. A block is known of sign-ins alone. */
function columnsOf(by: StatsBy, row: StatsRow): Readonly<Record<string, unknown>> {
  const { sign_ins, mcp_sessions, ...others } = summaryOf(row);
  const sessions = { "sign-ins": sign_ins, MCP_sessions: mcp_sessions };
  return { [by]: row.name, ...(by === "block" ? {} : others), ...sessions };
}

async function report(
  audit: IndexedAudit,
  days: Days,
  { file, json }: { readonly file: string; readonly json: boolean | undefined },
): Promise<void> {
  const isReplaced = await writeReport(file, reportPage(reportOf(audit, days)));
  if (json) print({ report: file, replaced: isReplaced }, true);
  else console.log(`The report is in ${file}${isReplaced ? ", in place of the one that was there" : ""}.`);
}

/** dacapo audit stats: how often what happened, by day, client or block of addresses. */
export function addStatsCommand(audit: Command): void {
  addSettings(
    audit
      .command("stats")
      .description("how many tokens, refusals, sessions …, by day, client or address block"),
    dataSettings,
  )
    .option(
      "--since <day>",
      `from this day on (UTC); ${defaultDays} days in all where it is not said`,
      parseDay,
    )
    .option("--until <day>", "up to and with this day; today where it is not said", parseDay)
    .addOption(new Option("--by <what>", "a row for each").choices(["day", "client", "block"]).default("day"))
    .option("--html <file>", "write a report with charts there instead; what is there is replaced")
    .option("--json", "print JSON lines, with every count by its name")
    .action(({ since, until, by, html, json }, command: Command) =>
      withIndex(command, async (indexed) => {
        const days = daysOf({ since, until }, Math.floor(indexed.clock.now() / dayLength));
        if (html !== undefined) return await report(indexed, days, { file: html, json });
        const rows = statsOf(indexed, by, days);
        if (!json)
          printRows(
            rows.map((row) => columnsOf(by, row)),
            false,
          );
        else if (rows.length > 0)
          printRows(
            rows.map(({ name, counts }) => ({ [by]: name, ...counts })),
            true,
          );
      }),
    );
}
