import type { DomainEvent } from "../../domain/decider.ts";
import { isRefusal, type Refusal } from "../../domain/oauth/refusal.ts";
import type { Context } from "../context.ts";
import { RefusedError } from "../errors.ts";
import { Unavailable } from "../ports/event-store.ts";
import type { Execution } from "./handle.ts";

type Dependencies = Pick<Context, "handle" | "visibility" | "policy">;

/**
 * Waits until what ended at this position is visible to every validation.
 * @throws {Unavailable} where that takes too long: the end is recorded, but it may not be called done yet
 */
export async function confirmVisible(
  { visibility, policy }: Pick<Context, "visibility" | "policy">,
  position: bigint,
): Promise<void> {
  if (!(await visibility.wait(position, policy.visibilityLimit)))
    throw new Unavailable("recorded, but not visible in time");
}

/**
 * Runs a command and returns its answer when what that rests on is visible to every validation.
 * @throws {RefusedError} @throws {Unavailable}
 */
export async function confirmed<State, Command, Event extends DomainEvent, Answer>(
  context: Dependencies,
  execution: Execution<State, Command, Event, Answer | Refusal>,
): Promise<Answer> {
  const { answer, position } = await context.handle(execution);
  if (isRefusal(answer)) throw new RefusedError(answer);
  await confirmVisible(context, position);
  return answer;
}
