import { type CommandError, ErrorType, isCommandError } from "@eventstore/db-client";
import {
  StreamTombstoned,
  Unavailable,
  WrongExpectedRevision,
} from "../../../application/ports/event-store.ts";

/** Nothing was answered in time. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  constructor(milliseconds: number) {
    super(`no answer within ${Math.round(milliseconds)} ms`);
  }
}

const answers = [
  ErrorType.ACCESS_DENIED,
  ErrorType.INVALID_ARGUMENT,
  ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
  ErrorType.STREAM_DELETED,
  ErrorType.STREAM_NOT_FOUND,
  ErrorType.UNSUPPORTED,
  ErrorType.WRONG_EXPECTED_VERSION,
] as const;

/** Whether an error is one of the client's, of these types. */
export function isOfType<T extends ErrorType>(
  error: unknown,
  ...types: T[]
): error is Extract<CommandError, { type: T }> {
  return error instanceof Error && isCommandError(error) && (types as string[]).includes(error.type);
}

/** Trying again leads to nothing else; any other failure leaves open what became of the request. */
export function isFinal(error: unknown): boolean {
  return (
    isOfType(error, ...answers) ||
    error instanceof Unavailable ||
    error instanceof WrongExpectedRevision ||
    error instanceof StreamTombstoned
  );
}

/** The client does not notice by itself that its connection leads nowhere. */
export function isUnnoticed(error: unknown): boolean {
  return error instanceof NoAnswer || !(error instanceof Error && "code" in error);
}

export function unavailable(cause: unknown): Unavailable {
  return new Unavailable(`the event store: ${describe(cause)}`, { cause });
}

function describe(error: unknown): string {
  if (isOfType(error, ErrorType.ACCESS_DENIED)) return "it refuses the credentials";
  return error instanceof Error ? error.message : String(error);
}
