import { Unavailable } from "../../../application/ports/event-store.ts";

const SQLITE_BUSY = 5;

/** Runs something of the engine's; what the engine cannot do becomes `Unavailable`. */
export function orUnavailable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isOfEngine(error) ? new Unavailable(`the event log: ${error.message}`, { cause: error }) : error;
  }
}

/** Another process holds the lock that was needed. */
export function isBusy(error: unknown): boolean {
  return isOfEngine(error) && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}

// ERR_INVALID_STATE: the connection was closed.
function isOfEngine(error: unknown): error is Error & { errcode?: number } {
  if (!(error instanceof Error && "code" in error)) return false;
  return error.code === "ERR_SQLITE_ERROR" || error.code === "ERR_INVALID_STATE";
}
