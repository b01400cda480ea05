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

/** The client opens a new connection by itself after these; a failure of gRPC comes by its code alone. */
const reconnecting = [ErrorType.CANCELLED, ErrorType.NOT_LEADER, ErrorType.UNAVAILABLE] as const;
const [cancelled, unreachable] = [1, 14];
const reconnectingCodes: ReadonlySet<unknown> = new Set([cancelled, unreachable]);

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

/**
 * Whether the client goes on with what it has: after any other error than these it keeps its connection, and for ever
 * the failure of what it asks once a connection.
 */
export function isUnnoticed(error: unknown): boolean {
  return !isFinal(error) && !isOfType(error, ...reconnecting) && !reconnectingCodes.has(codeOf(error));
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

export function unavailable(cause: unknown): Unavailable {
  return new Unavailable(`the event store: ${describe(cause)}`, { cause });
}

function describe(error: unknown): string {
  if (isOfType(error, ErrorType.ACCESS_DENIED)) return "it refuses the credentials";
  const message = error instanceof Error ? error.message : String(error);
  // Readiness repeats it to everybody, so it holds no address.
  if (message.includes("Name resolution failed")) return "its name cannot be resolved";
  const [code] = /\b(?:ECONN|EHOST|ENET|ENOTFOUND|EAI_|ETIMEDOUT)[A-Z_]*/.exec(message) ?? [];
  return code ?? message.replaceAll(/\S+:\d{2,5}\b/g, "its address");
}
