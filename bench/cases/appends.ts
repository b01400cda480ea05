import { compare, type Row } from "../measure.ts";
import type { Plan } from "../plan.ts";
import { rateOf, startProgram } from "../program.ts";

/** Durable appends by 64 callers through the SQLite event store, against a bare loop over node:sqlite. */
export async function appends(plan: Plan): Promise<readonly Row[]> {
  await using store = startProgram("appends", plan);
  await using rows = startProgram("rows", { ...plan, profileDir: undefined });
  const row = await compare(
    { name: "appends, against rows alone", unit: "appends/s", goal: 0.9 },
    plan,
    rateOf(store),
    rateOf(rows),
  );
  return [row];
}
