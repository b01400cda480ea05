import type { Anomaly } from "../../../ports/audit-index.ts";
import { nameOf } from "../../reason.ts";
import type { Observed, Recall } from "../observed.ts";

/** Looks at one type of event. What it remembers of a subject is bounded. */
export type Detector = (observed: Observed, recall: Recall) => readonly Anomaly[];

/** Every kind of anomaly that there is. */
export const anomalyKinds = [
  "refresh_token_reused",
  "code_replayed",
  "session_moved",
  "refusal_burst",
  "scope_growth",
] as const;

export type AnomalyKind = (typeof anomalyKinds)[number];

/** An anomaly that came to be known by this event. `before`: the events without which it would be none. */
export const anomaly = (
  kind: AnomalyKind,
  { stored }: Observed,
  {
    subject,
    explanation,
    before,
  }: Pick<Anomaly, "subject" | "explanation"> & {
    readonly before: readonly string[];
  },
): Anomaly => ({ kind, subject, time: stored.time, explanation, events: [...before, nameOf(stored)] });
