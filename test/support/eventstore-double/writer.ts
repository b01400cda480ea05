import type { ReadAnswer, ReadCall } from "./parts.ts";

/** Writes no faster than the client reads. */
export class Writer {
  readonly #call: ReadCall;
  #ended = false;

  constructor(call: ReadCall) {
    this.#call = call;
    for (const event of ["cancelled", "close", "error"]) {
      call.on(event, () => {
        this.#ended = true;
        call.emit("drain");
      });
    }
  }

  /** The client has gone, or the call has failed. */
  get ended(): boolean {
    return this.#ended || this.#call.cancelled;
  }

  write(message: ReadAnswer): Promise<unknown> | undefined {
    if (this.ended || this.#call.write(message)) return undefined;
    return new Promise((resolve) => this.#call.once("drain", resolve));
  }
}
