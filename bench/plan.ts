/** How long and how often is measured. */
export interface Plan {
  readonly rounds: number;
  /** Of one round. */
  readonly seconds: number;
  /** Before the first round; not counted. */
  readonly warmUpSeconds: number;
  /** Of the log that the audit tooling is measured on. */
  readonly events: number;
  /** Live access tokens among which some are introspected. */
  readonly tokens: number;
  /** How often families were rotated that are old. */
  readonly rotations: number;
  /** Where the servers under test leave their CPU profiles; undefined for no profiles. */
  readonly profileDir: string | undefined;
}

type Extent = Omit<Plan, "profileDir">;

/** What figures are quoted of. */
const fullPlan: Extent = {
  ...{ rounds: 5, seconds: 4, warmUpSeconds: 3 },
  ...{ events: 1_000_000, tokens: 1_000_000, rotations: 10_000 },
};

/** Half a minute a case: enough to see which way a change goes. */
const quickPlan: Extent = {
  ...{ rounds: 3, seconds: 2, warmUpSeconds: 2 },
  ...{ events: 20_000, tokens: 40_000, rotations: 100 },
};

/** A few seconds a case, for CI: enough to see that everything answers rightly, not to quote. */
export const smokePlan: Extent = {
  ...{ rounds: 1, seconds: 0.3, warmUpSeconds: 0.2 },
  ...{ events: 2_000, tokens: 12_000, rotations: 5 },
};

export const plans = { full: fullPlan, quick: quickPlan, smoke: smokePlan };
