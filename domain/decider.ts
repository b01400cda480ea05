/** What a command led to: the events to record, and the answer to give. A refusal may record events too. */
export interface Decision<Event, Answer> {
  readonly events: readonly Event[];
  readonly answer: Answer;
}

/**
 * One aggregate's rules, free of I/O, clock and randomness.
 *
 * Every event of Dacapo carries the state that it leaves behind, so `evolve` needs only the last event of a
 * stream and a command costs one read, however old the stream is.
 */
export interface Decider<State, Command, Event, Answer> {
  readonly initialState: State;
  /** `revision` is that of the stream's last event, -1 for an empty stream. */
  decide(command: Command, state: State, revision: number): Decision<Event, Answer>;
  evolve(state: State, event: Event): State;
}

/** An event as its aggregate sees it: a dotted, past-tense type and what it says. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** Accepted: what to record and what to answer. */
export const accept = <Event, Answer>(events: readonly Event[], answer: Answer): Decision<Event, Answer> => ({
  events,
  answer,
});
