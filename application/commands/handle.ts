import type { Decider, Decision, DomainEvent } from "../../domain/decider.ts";
import { refusal } from "../../domain/oauth/refusal.ts";
import { RefusedError } from "../errors.ts";
import { emptyStream, type Log, type StreamEnd } from "../log.ts";
import {
  type EventMetadata,
  StreamTombstoned,
  Unavailable,
  WrongExpectedRevision,
} from "../ports/event-store.ts";

/** One command on one stream. */
export interface Execution<State, Command, Event extends DomainEvent, Answer> {
  readonly stream: string;
  /** The id of the stream was only just made, so there is nothing to load. */
  readonly isNew?: boolean;
  readonly decider: Decider<State, Command, Event, Answer>;
  /** Made anew for each attempt, from the state that it is decided on and the end of the stream that holds it. */
  readonly command: (state: State, end: StreamEnd) => Command | Promise<Command>;
  /** Last step before the append, such as signing a token that was decided on. */
  readonly complete?: (decision: Decision<Event, Answer>) => Promise<readonly Event[]>;
  readonly metadata: EventMetadata;
  /** Lets it in when it is its turn, of all streams; absent where it need not wait. @throws {Unavailable} */
  readonly inTurn?: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

export interface Handled<Answer> {
  readonly answer: Answer;
  /** The log holds what the answer rests on at this position. */
  readonly position: bigint;
}

/**
 * Load, decide, append at the revision that was read; a loser of a race reloads and decides again.
 * @throws {RefusedError} where the stream was removed for ever @throws {Unavailable}
 */
export type Handle = <State, Command, Event extends DomainEvent, Answer>(
  execution: Execution<State, Command, Event, Answer>,
) => Promise<Handled<Answer>>;

const maxAttempts = 8;

/** Builds the one command handler. Commands on one stream queue inside the process: fifty at once are not fifty conflicts. */
export function createHandle(log: Log, sleep: (milliseconds: number) => Promise<void>): Handle {
  const queues = new Map<string, Promise<unknown>>();

  async function queued<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const before = queues.get(stream) ?? Promise.resolve();
    const mine = before.then(work, work);
    queues.set(stream, mine);
    try {
      return await mine;
    } finally {
      if (queues.get(stream) === mine) queues.delete(stream);
    }
  }

  async function attempt<State, Command, Event extends DomainEvent, Answer>(
    execution: Execution<State, Command, Event, Answer>,
    isNew: boolean,
  ): Promise<Handled<Answer>> {
    const { stream, decider, metadata } = execution;
    const end = isNew ? emptyStream : await log.last(stream);
    const state = end.event ? decider.evolve(decider.initialState, end.event as Event) : decider.initialState;
    const command = await execution.command(state, end);
    const decision = decider.decide(command, state, end.revision);
    if (decision.events.length === 0) return { answer: decision.answer, position: end.position };
    const events = execution.complete ? await execution.complete(decision) : decision.events;
    const { position } = await log.append(stream, events, end.revision, metadata);
    return { answer: decision.answer, position };
  }

  async function settle<State, Command, Event extends DomainEvent, Answer>(
    execution: Execution<State, Command, Event, Answer>,
  ): Promise<Handled<Answer>> {
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await attempt(execution, execution.isNew === true && attempts === 1);
      } catch (error) {
        if (error instanceof StreamTombstoned)
          throw new RefusedError(refusal("invalid_request", "It was erased for ever"));
        if (!(error instanceof WrongExpectedRevision)) throw error;
        if (attempts === maxAttempts) throw new Unavailable("too many writers on one stream");
        await sleep(attempts ** 2);
      }
    }
  }

  // Within the queue of the stream: who floods one of them takes one turn, not all.
  return (execution) =>
    queued(execution.stream, () =>
      execution.inTurn ? execution.inTurn(() => settle(execution)) : settle(execution),
    );
}
