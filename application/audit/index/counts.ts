import type { Count } from "../../ports/audit-index.ts";
import type { Observed, Recall } from "./observed.ts";

export const countsOf = (_observed: Observed, _recall: Recall): readonly Count[] => [];
