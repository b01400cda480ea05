/** What can go wrong with one call. */
export type Fault =
  /** The call is never heard of. */
  | { readonly kind: "dropCall" }
  /** What it asks for is done, and never answered. */
  | { readonly kind: "dropAnswer" }
  /** What it asks for is done, and answered by an error of the transport, some time later. */
  | { readonly kind: "breakAnswer"; readonly ms?: number }
  | { readonly kind: "stall"; readonly ms: number }
  | { readonly kind: "unavailable" }
  /** The transport's own error, as of a session that is torn down under a call. */
  | { readonly kind: "internal" }
  | { readonly kind: "notReady" }
  /** The leader is said to be there; this server itself where no port is given. */
  | { readonly kind: "notLeader"; readonly port?: number };

/** The calls that a fault can befall. */
export type Call = "append" | "delete" | "features" | "read" | "subscribe";

/** Chances from 0 to 1. */
export interface Chances {
  readonly dropCalls?: number;
  readonly dropAnswers?: number;
  readonly breakAnswers?: number;
  readonly stalls?: number;
  /** How long a stall lasts. */
  readonly stallMs?: number;
  readonly unavailable?: number;
}

/** The faults to come. */
export class Faults {
  readonly #next: Record<Call, Fault[]> = { append: [], delete: [], features: [], read: [], subscribe: [] };
  #chances: Chances = {};

  /** The next calls of this sort meet the fault. */
  add(call: Call, fault: Fault, times: number): void {
    for (let time = 0; time < times; time += 1) this.#next[call].push(fault);
  }

  setChances(chances: Chances): void {
    this.#chances = chances;
  }

  clear(): void {
    for (const faults of Object.values(this.#next)) faults.length = 0;
    this.#chances = {};
  }

  /** What this call meets. */
  take(call: Call): Fault | undefined {
    return this.#next[call].shift() ?? (call === "append" ? this.#byChance() : undefined);
  }

  #byChance(): Fault | undefined {
    const { dropCalls, dropAnswers, breakAnswers, stalls, stallMs = 100, unavailable } = this.#chances;
    const happens = (chance = 0) => chance > 0 && Math.random() < chance;
    if (happens(dropCalls)) return { kind: "dropCall" };
    if (happens(dropAnswers)) return { kind: "dropAnswer" };
    if (happens(breakAnswers)) return { kind: "breakAnswer" };
    if (happens(unavailable)) return { kind: "unavailable" };
    return happens(stalls) ? { kind: "stall", ms: stallMs } : undefined;
  }
}
