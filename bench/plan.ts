/** How long and how often is measured. */
export interface Plan {
  readonly rounds: number;
  /** Of one round. */
  readonly seconds: number;
  /** Before the first round; not counted. */
  readonly warmUpSeconds: number;
  /** Of the log that the audit tooling is measured on. */
  readonly events: number;
  /** Where the servers under test leave their CPU profiles; undefined for no profiles. */
  readonly profileDir: string | undefined;
}

export const fullPlan = { rounds: 5, seconds: 5, warmUpSeconds: 4, events: 1_000_000 };
/** A few seconds a case, for CI: enough to see that everything answers rightly, not to quote. */
export const quickPlan = { rounds: 3, seconds: 0.5, warmUpSeconds: 0.5, events: 20_000 };
