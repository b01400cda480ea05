import { expect } from "vitest";
import type { Decider } from "../../domain/decider.ts";
import type { ErrorCode } from "../../domain/oauth/refusal.ts";

/** Tests a decider on a stream that holds `past`: `given(decider, ...past).when(command).then(events, answer)`. */
export function given<State, Command, Event, Answer>(
  decider: Decider<State, Command, Event, Answer>,
  ...past: readonly Event[]
) {
  const state = past.reduce((before, event) => decider.evolve(before, event), decider.initialState);
  return {
    when: (command: Command) => ({
      // biome-ignore lint/suspicious/noThenProperty: the pattern's own word; awaiting it fails the test
      then: (events: readonly Event[], answer: Answer): void => {
        const decision = decider.decide(command, state, past.length - 1);
        expect(decision.events).toStrictEqual(events);
        expect(decision.answer).toStrictEqual(answer);
      },
    }),
  };
}

/** Stands for a refusal with this code, and with this description where one is given. */
export const refused = (error: ErrorCode, description: unknown = expect.any(String)) =>
  expect.objectContaining({ refused: true, error, description });
