import type { Outcome } from "../../../application/commands/import/entry.ts";
import { plain } from "../run.ts";

/** How many entries had each outcome. */
interface Totals {
  imported: number;
  already_there: number;
  skipped: number;
  refused: number;
}

/** Tells what became of each entry, and at the end of all. */
interface Report {
  add(outcome: Outcome): void;
  finish(): Readonly<Totals>;
}

const nameOf = (outcome: Outcome["outcome"]) => outcome.replace(" ", "_") as keyof Totals;

/** An entry as a member of JSON each. */
function factsOf({ kind, id, outcome, userId, secret, field, reason, notices }: Outcome) {
  return {
    kind,
    [kind === "client" ? "client_id" : kind === "user" ? "username" : "entry"]: id,
    outcome: nameOf(outcome),
    user_id: userId,
    client_secret: secret,
    field,
    reason,
    notices: notices.length > 0 ? notices : undefined,
  };
}

/** An entry as a line, and a line for each thing that is to be said of it. */
function linesOf(
  { kind, id, outcome, secret, field, reason, notices }: Outcome,
  isDryRun: boolean,
): string[] {
  const done = outcome === "imported" && isDryRun ? "would be imported" : outcome;
  const why = [field, reason].filter((part) => part !== undefined).join(": ");
  return [
    `${kind} ${id}: ${done}${why === "" ? "" : `, ${why}`}`,
    ...(secret === undefined ? [] : [`  new secret: ${secret}`]),
    ...notices.map((notice) => `  ${notice}`),
  ].map(plain);
}

/** A report on standard output: JSON lines, or text. */
export function createReport(isDryRun: boolean, asJson: boolean): Report {
  const totals: Totals = { imported: 0, already_there: 0, skipped: 0, refused: 0 };
  return {
    add(outcome) {
      totals[nameOf(outcome.outcome)] += 1;
      if (asJson) console.log(JSON.stringify(factsOf(outcome)));
      else for (const line of linesOf(outcome, isDryRun)) console.log(line);
    },
    finish() {
      const { imported, already_there, skipped, refused } = totals;
      if (asJson) console.log(JSON.stringify({ kind: "summary", dry_run: isDryRun, ...totals }));
      else
        console.log(
          `${imported} ${isDryRun ? "would be imported" : "imported"}, ${already_there} already there, ${skipped} skipped, ${refused} refused.`,
        );
      return totals;
    },
  };
}
