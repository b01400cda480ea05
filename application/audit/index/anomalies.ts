import type { Anomaly } from "../../ports/audit-index.ts";
import type { Observed, Recall } from "./observed.ts";

export const anomaliesOf = (_observed: Observed, _recall: Recall): readonly Anomaly[] => [];
