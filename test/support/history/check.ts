import type { StoredEvent } from "../../../application/ports/event-store.ts";
import { faultsOfChains, faultsOfCodes } from "./chains.ts";
import { falseClosings, falseEndings, outlivedEndings } from "./endings.ts";
import type { Entry } from "./entry.ts";
import { faultsOfExpiry } from "./expiry.ts";
import { unrecordedAnswers } from "./issued.ts";
import { indexLog, type LogIndex } from "./log-index.ts";
import { faultsOfRefreshes } from "./refreshes.ts";
import { faultsOfRefusals } from "./refusals.ts";
import { faultsOfSessions } from "./sessions.ts";

/** What must always be true and was not once. */
export interface Violation {
  readonly invariant: "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "I8" | "I10" | "I13";
  readonly message: string;
}

/** As configured in the server that was tested. */
export interface Limits {
  readonly graceWindow: number;
  readonly maxRepeats: number;
  readonly maxSessionsPerUser: number;
  /** How far the clocks of test and server may differ, in milliseconds. */
  readonly maxSkew: number;
}

/** One check: the requests in the order in which they were answered, and the log. */
export type Check = (entries: readonly Entry[], log: LogIndex, limits: Limits) => Iterable<Violation>;

const defaults: Limits = { graceWindow: 10_000, maxRepeats: 64, maxSessionsPerUser: 5, maxSkew: 2_000 };

const checks: readonly Check[] = [
  unrecordedAnswers,
  faultsOfCodes,
  faultsOfChains,
  faultsOfRefreshes,
  outlivedEndings,
  falseEndings,
  falseClosings,
  faultsOfExpiry,
  faultsOfSessions,
  faultsOfRefusals,
];

/** Everything that clients were answered and the log does not explain, or that breaks an invariant by itself. */
export function checkHistory(
  history: { readonly entries: readonly Entry[] },
  log: readonly StoredEvent[],
  limits: Partial<Limits> = {},
): readonly Violation[] {
  const entries = history.entries.toSorted((a, b) => a.ended - b.ended);
  const index = indexLog(log);
  return checks.flatMap((check) => [...check(entries, index, { ...defaults, ...limits })]);
}
