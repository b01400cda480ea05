import type { Command } from "commander";
import type { RefusedTable } from "../../../application/audit/what-if/refused.ts";
import {
  type RefusedDecision,
  type WhatIfReport,
  whatIf,
} from "../../../application/audit/what-if/what-if.ts";
import { openRefusedTable } from "../../../infrastructure/audit/refused-table.ts";
import { withAudit } from "../audit/with-audit.ts";
import { print, printRows } from "../run.ts";
import { positionOf, withBar } from "./log.ts";
import { readPolicy } from "./policy.ts";
import { rateOf } from "./print.ts";

export interface WhatIfOptions {
  readonly whatIf: string;
  readonly since?: number;
  readonly until?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

const defaultLimit = 20;

/** What nobody should read out of the figures. */
const notes = [
  "Validations (each use of an access token) are not in the log: a shorter life of access tokens shows as tokens that would have lived shorter, not as calls that would have been refused.",
  "The use of a session is in the log once a minute at most: one that is told as expired may have been used in between.",
  "Nor is there what people would have done instead, such as signing in again: what follows a refusal in its grant or session counts as refused with it.",
];

const eventName = ({ event: { stream, revision } }: RefusedDecision): string => `${stream}@${revision}`;

const rowOf = (decision: RefusedDecision) => ({
  time: new Date(decision.event.time).toISOString(),
  position: String(decision.event.position),
  event: decision.event.type,
  stream: eventName(decision),
  outcome: decision.outcome,
  client: decision.clientId ?? "",
  user: decision.userId ?? "",
  rule: decision.because ? `${decision.rule} (at ${decision.because.position})` : decision.rule,
});

const jsonOf = (decision: RefusedDecision) => ({
  kind: decision.kind,
  outcome: decision.outcome,
  position: String(decision.event.position),
  event: decision.event.type,
  stream: eventName(decision),
  time: new Date(decision.event.time).toISOString(),
  rule: decision.rule,
  because_of: decision.because === undefined ? null : String(decision.because.position),
  client_id: decision.clientId ?? null,
  user_id: decision.userId ?? null,
});

const decisionRows = ({ decisions }: WhatIfReport) =>
  [...decisions].map(([kind, counts]) => ({ decisions: kind, ...counts }));

const ruleRows = ({ rules }: WhatIfReport) =>
  [...rules]
    .map(([rule, { refused, following }]) => ({ rule, refused, following }))
    .sort((one, other) => other.refused - one.refused);

/** Prints rows under an empty line; nothing where there are none. */
function section(rows: Parameters<typeof printRows>[0]): void {
  if (rows.length === 0) return;
  console.log("");
  printRows(rows, false);
}

function printReport(
  facts: Readonly<Record<string, unknown>>,
  report: WhatIfReport,
  refused: RefusedTable,
  limit: number,
): void {
  const { shorter, lateRefreshes, undecided } = report;
  const clients = refused.hits("client", limit);
  const users = refused.hits("user", limit);
  print({ ...facts, clients_hit: clients.count, users_hit: users.count }, false);
  section(decisionRows(report));
  section(ruleRows(report));
  section(clients.most.map(({ id, refused: count }) => ({ client: id, decisions_hit: count })));
  section(users.most.map(({ id, refused: count }) => ({ user: id, decisions_hit: count })));
  section(report.refused.map(rowOf));
  console.log("");
  print(
    {
      access_tokens_that_would_have_lived_shorter: shorter,
      refreshes_that_came_after_that: lateRefreshes,
      decisions_not_made_again: undecided,
    },
    false,
  );
  for (const note of notes) console.log(`\n${note}`);
}

function printJson(
  facts: Readonly<Record<string, unknown>>,
  report: WhatIfReport,
  refused: RefusedTable,
  limit: number,
): void {
  const { shorter, lateRefreshes, undecided } = report;
  print(
    {
      ...facts,
      decisions: Object.fromEntries(report.decisions),
      rules: ruleRows(report),
      clients: refused.hits("client", limit),
      users: refused.hits("user", limit),
      refused: report.refused.map(jsonOf),
      access_tokens: { shorter, refreshed_later: lateRefreshes },
      undecided,
      notes,
    },
    true,
  );
}

/** Tells which recorded decisions would have been refused under the policy of a file, and whom that would have hit. */
export function replayWhatIf(command: Command, options: WhatIfOptions): Promise<void> {
  const policy = readPolicy(options.whatIf);
  const { limit = defaultLimit, json: asJson } = options;
  return withAudit(command, async ({ store, signal }) => {
    const from = options.since === undefined ? 0n : await positionOf(store, options.since, signal);
    const to =
      options.until === undefined
        ? await store.lastPosition()
        : await positionOf(store, options.until, signal);
    const refused = openRefusedTable();
    try {
      const started = performance.now();
      const report = await withBar("Deciding again", to, (progress) =>
        whatIf(store, refused, { whatIf: policy.whatIf, from, to, limit, signal, progress }),
      );
      const facts = {
        policy: asJson ? policy.content : JSON.stringify(policy.content),
        from: String(from),
        to: String(to),
        ...rateOf(report.events, started),
      };
      (asJson ? printJson : printReport)(facts, report, refused, limit);
    } finally {
      refused.close();
    }
  });
}
