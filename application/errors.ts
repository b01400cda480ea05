import type { Refusal } from "../domain/oauth/refusal.ts";

/** A use case was refused; the one place that makes HTTP of it is the error handler of the server. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly refusal: Refusal;
  /** The known client that asked, for the count of refusals. */
  readonly clientId: string | undefined;
  constructor(refusal: Refusal, clientId?: string) {
    super(refusal.description);
    this.refusal = refusal;
    this.clientId = clientId;
  }
}
