import { accept, type Decider, type DomainEvent } from "../decider.ts";

/**
 * The end of something that grants live by. A user's or client's ends every grant of an older epoch, a session's every
 * grant bound to it; a session ends once, so its epoch is 0.
 */
export interface Ending {
  readonly what: "user" | "client" | "session";
  readonly id: string;
  readonly epoch: number;
}

/** An ending that every grant's own stream has learnt of. */
export interface Closure extends Ending {
  /** How many grants were ended by the run that completed it; runs that were killed before it may have ended others. */
  readonly grants: number;
  readonly completedAt: number;
}

export type ClosureEvent = DomainEvent<"closure.completed", { closure: Closure }>;

/** To be given once no grant that hangs on the ending is left. */
export type CompleteClosure = Closure;

/** The stream is that of one ending, so the first to complete it is the only one. */
export const closureDecider: Decider<Closure | undefined, CompleteClosure, ClosureEvent, Closure> = {
  initialState: undefined,
  evolve: (_state, event) => event.data.closure,
  decide: (command, closure) =>
    closure
      ? accept([], closure)
      : accept([{ type: "closure.completed", data: { closure: command } }], command),
};
