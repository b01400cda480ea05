import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import {
  type AllStreamSubscription,
  type Position,
  type ResolvedEvent,
  START,
  streamNameFilter,
} from "@eventstore/db-client";
import type { StoredEvent } from "../../../application/ports/event-store.ts";
import { decode } from "./codec.ts";
import type { Line } from "./connection.ts";
import { NoAnswer } from "./failure.ts";
import { prefix } from "./names.ts";

/** Events that are kept here at most, before the server is held back. */
const bufferSize = 500;
/** Events of others that the server looks through before it tells how far it is. */
const searchWindow = 500;
/** Milliseconds without a further event after which a batch is not waited for. */
const quietLimit = 5;

/** The log's events after a position as the server sends them, until the connection breaks. */
export class Feed {
  readonly #subscription: AllStreamSubscription;
  readonly #cut: AbortSignal;
  #position: bigint;
  #confirmed = false;
  #caughtUp = false;
  #failure: unknown;
  #change = Promise.withResolvers<void>();

  constructor({ client, cut }: Line, after: Position | undefined) {
    this.#cut = cut;
    this.#position = after?.commit ?? 0n;
    const tell = () => this.#change.resolve();
    this.#subscription = client.subscribeToAll(
      {
        fromPosition: after ?? START,
        filter: streamNameFilter({
          prefixes: [prefix],
          maxSearchWindow: searchWindow,
          checkpointReached: tell,
        }),
        requiresLeader: true,
      },
      { highWaterMark: bufferSize },
    );
    const fail = (failure: unknown) => {
      this.#failure ??= failure;
      tell();
    };
    this.#subscription
      .on("confirmation", () => {
        this.#confirmed = true;
        tell();
      })
      .on("caughtUp", () => {
        this.#caughtUp = true;
        tell();
      })
      .on("readable", tell)
      .on("error", fail)
      .on("close", () => fail(new Error("the subscription has ended")))
      .on("end", () => fail(new Error("the subscription has ended")));
  }

  /** Of the last event taken, also where it was none of ours. */
  get position(): bigint {
    return this.#position;
  }

  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** The server has sent all that was there; it may not be taken yet. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** Waits, where nothing is there to take, for whatever comes next. @throws what the feed has failed with */
  async change(signal?: AbortSignal, milliseconds?: number): Promise<void> {
    if (this.#subscription.readableLength > 0) return;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#cut.aborted) throw new Error("the connection was closed");
    if (signal?.aborted) return;
    await this.#wait(signal, milliseconds);
  }

  async #wait(signal?: AbortSignal, milliseconds?: number): Promise<void> {
    const { promise, resolve } = this.#change;
    const wake = () => resolve();
    let late = false;
    const giveUp = () => {
      late = true;
      resolve();
    };
    const timer = milliseconds === undefined ? undefined : setTimeout(giveUp, milliseconds);
    for (const end of [this.#cut, signal]) end?.addEventListener("abort", wake);
    await promise;
    clearTimeout(timer);
    for (const end of [this.#cut, signal]) end?.removeEventListener("abort", wake);
    this.#change = Promise.withResolvers();
    if (late && milliseconds !== undefined) throw new NoAnswer(milliseconds);
  }

  /**
   * Lets events gather for as long as more of them arrive, because a batch costs its receiver as much as an event: up
   * to a full one while there are old ones, only those of the moment when it has caught up.
   */
  async gather(): Promise<void> {
    let before = 0;
    for (let quiet = 0; quiet <= (this.#caughtUp ? 0 : quietLimit); quiet += 1) {
      await (this.#caughtUp ? nextTurn() : sleep(1));
      const there = this.#subscription.readableLength;
      if (there >= bufferSize) return;
      if (there > before) quiet = -1;
      before = there;
    }
  }

  /** What is there, at most that many. */
  take(limit: number): StoredEvent[] {
    const taken: StoredEvent[] = [];
    while (taken.length < limit) {
      const resolved: ResolvedEvent | null = this.#subscription.read();
      if (resolved === null) break;
      const event = decode(resolved);
      if (event !== undefined) taken.push(event);
      this.#position = resolved.event?.position?.commit ?? this.#position;
    }
    return taken;
  }

  close(): void {
    this.#subscription.unsubscribe().catch(() => undefined);
    this.#subscription.destroy();
  }
}
