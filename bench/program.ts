import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Measure } from "./measure.ts";
import type { Plan } from "./plan.ts";

/** A measuring program in a process of its own. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Sends it a message and waits for what it says to that. */
  ask<Answer>(message: unknown): Promise<Answer>;
}

/** What keeps the memory of every server low that is measured, and costs no speed: see docs/performance.md. */
export const frugal = { NODE_OPTIONS: "--max-semi-space-size=8", MALLOC_ARENA_MAX: "2" };

/** What a program measures, which answers a rate when it is told for how many seconds. */
export const rateOf =
  (program: Program): Measure =>
  async (seconds) => ({ value: await program.ask<number>(seconds) });

/**
 * Starts `programs/<name>.ts`, or the program in a file. What it says is `{ answer }` or `{ failure }`, see
 * `programs/answer.ts`.
 */
export function startProgram(
  name: string | URL,
  { profileDir }: Plan,
  env: Record<string, string> = {},
): Program {
  const file = fileURLToPath(new URL(name instanceof URL ? name : `./programs/${name}.ts`, import.meta.url));
  const execArgv = profileDir === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];
  const child = fork(file, { env: { ...process.env, ...frugal, ...env, NODE_ENV: "production" }, execArgv });
  const ended = once(child, "exit");
  const died = ended.then(([code]) => {
    throw new Error(`${name} ended with code ${code}`);
  });
  died.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    async ask(message) {
      child.send(message as object);
      const [said] = await Promise.race([once(child, "message"), died]);
      if ("failure" in said) throw new Error(`${name}: ${said.failure}`);
      return said.answer;
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
