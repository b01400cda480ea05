import type { Anomaly } from "../../ports/audit-index.ts";
import type { Detector } from "./detectors/detector.ts";
import { refusalBurst } from "./detectors/refusals.ts";
import { scopeDetectors } from "./detectors/scopes.ts";
import { sessionDetectors } from "./detectors/sessions.ts";
import { codeReplayed, refreshTokenReused } from "./detectors/tokens.ts";
import type { Observed, Recall } from "./observed.ts";

const detectors: Readonly<Record<string, Detector>> = {
  "grant.refresh_token.reused": refreshTokenReused,
  "grant.code.replayed": codeReplayed,
  "refusals.counted": refusalBurst,
  ...sessionDetectors,
  ...scopeDetectors,
};

/** What an event shows that should be looked at, in the light of those before it. */
export const anomaliesOf = (observed: Observed, recall: Recall): readonly Anomaly[] =>
  detectors[observed.event.type]?.(observed, recall) ?? [];
