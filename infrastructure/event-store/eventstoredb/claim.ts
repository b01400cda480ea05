import { randomUUID } from "node:crypto";
import { Unavailable, WrongExpectedRevision } from "../../../application/ports/event-store.ts";
import type { ClaimStream } from "./claim-stream.ts";

/** How often a claim is renewed and how long it is valid without, in milliseconds. */
export interface ClaimTimes {
  readonly renewEvery: number;
  readonly validFor: number;
}

/** Part of its validity after which a claim that could not be renewed is not relied on any more. */
const reliable = 0.8;
const attempts = 5;

/** The right of one process to use the log alone. */
export class Claim {
  readonly #stream: ClaimStream;
  readonly #holder: string;
  readonly #times: ClaimTimes;
  readonly #instance = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #revision = -1;
  /** By the monotonic clock of this machine, before the server's own. */
  #renewedAt = 0;
  #renewing: Promise<void> | undefined;
  #lost = false;

  private constructor(stream: ClaimStream, holder: string, times: ClaimTimes) {
    this.#stream = stream;
    this.#holder = holder;
    this.#times = times;
  }

  /** @throws an error that names the other holder, where there is one */
  static async take(stream: ClaimStream, holder: string, times: ClaimTimes): Promise<Claim> {
    const claim = new Claim(stream, holder, times);
    for (let attempt = 1; !(await claim.#take(attempt)); attempt += 1);
    claim.#timer = setInterval(() => {
      claim.#renewing ??= claim.#renew();
    }, times.renewEvery).unref();
    return claim;
  }

  /** @throws {Unavailable} where somebody else may hold it by now */
  check(): void {
    if (this.#lost) throw new Unavailable("another process has taken over the event store");
    if (performance.now() - this.#renewedAt > this.#times.validFor * reliable) {
      throw new Unavailable("the claim to the event store could not be renewed");
    }
  }

  /** Lets the next one in at once. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    if (this.#lost) return;
    this.#lost = true;
    await this.#write(0).catch(() => undefined); // then it expires by itself
  }

  async #take(attempt: number): Promise<boolean> {
    const { live, revision } = await this.#stream.current();
    if (live !== undefined && live.holder !== this.#holder) {
      throw new Error(
        `the event store is in use by ${live.holder}: without Redis, only one process can serve from it`,
      );
    }
    this.#revision = revision;
    try {
      await this.#write(this.#times.validFor);
      return true;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision) || attempt === attempts) throw error;
      return false;
    }
  }

  async #renew(): Promise<void> {
    try {
      if (!this.#lost) await this.#write(this.#times.validFor);
    } catch (error) {
      if (error instanceof WrongExpectedRevision) await this.#look().catch(() => undefined);
    } finally {
      this.#renewing = undefined;
    }
  }

  // A renewal that got no answer may have been written all the same.
  async #look(): Promise<void> {
    const last = await this.#stream.last();
    if (last?.instance === this.#instance) this.#revision = last.revision;
    else this.#lost = true;
  }

  async #write(validFor: number): Promise<void> {
    const begun = performance.now();
    const claim = { holder: this.#holder, instance: this.#instance, validFor };
    this.#revision = await this.#stream.append(claim, this.#revision);
    this.#renewedAt = begun;
  }
}
