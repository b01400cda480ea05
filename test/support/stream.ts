import type { Decider, Decision } from "../../domain/decider.ts";

/** One stream in memory and the decider that writes it: load, decide, append. */
export class Stream<State, Command, Event, Answer> {
  readonly events: Event[] = [];
  readonly #decider: Decider<State, Command, Event, Answer>;
  readonly #prepare: (event: Event, revision: number) => Event;

  /** `prepare` stands for what is done to an event on its way to the store: signing. */
  constructor(
    decider: Decider<State, Command, Event, Answer>,
    prepare: (event: Event, revision: number) => Event = (event) => event,
  ) {
    this.#decider = decider;
    this.#prepare = prepare;
  }

  get revision(): number {
    return this.events.length - 1;
  }

  /** As Dacapo loads it: from the last event alone. */
  get state(): State {
    return this.events.slice(-1).reduce(this.#decider.evolve, this.#decider.initialState);
  }

  /** Decides and appends; what was appended is in the decision that it returns. */
  execute(command: Command): Decision<Event, Answer> {
    const { events, answer } = this.#decider.decide(command, this.state, this.revision);
    const appended = events.map((event, index) => this.#prepare(event, this.revision + 1 + index));
    this.events.push(...appended);
    return { events: appended, answer };
  }
}
