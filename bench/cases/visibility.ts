import type { Row } from "../measure.ts";
import type { Plan } from "../plan.ts";
import { startProgram } from "../program.ts";
import { median, quantile } from "../statistics.ts";

/** The wait of token requests for their own visibility, at 200 writes a second. */
export async function visibility(plan: Plan): Promise<readonly Row[]> {
  await using program = startProgram("visibility", plan);
  await program.ask(plan.warmUpSeconds);
  const rounds: (readonly number[])[] = [];
  while (rounds.length < plan.rounds) rounds.push(await program.ask<readonly number[]>(plan.seconds));
  return [0.5, 0.99].map((part) => ({
    name: `visibility at 200 writes/s, p${part * 100}`,
    unit: "ms",
    value: median(rounds.map((waits) => quantile(waits, part))),
  }));
}
