import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import type { Fault } from "./faults.ts";
import type { Verdict } from "./log.ts";

/** An error of a call, as the server tells it: by code and trailers. */
export function failure(code: status, details: string, trailers: Record<string, string> = {}): ServiceError {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return Object.assign(new Error(details), { code, details, metadata });
}

export function streamDeleted(stream: string): ServiceError {
  return failure(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: "stream-deleted",
    "stream-name": stream,
  });
}

/** How Delete and Tombstone are refused. */
export function refusal(stream: string, expected: string, verdict: Verdict): ServiceError | undefined {
  if (verdict.status === "deleted") return streamDeleted(stream);
  if (verdict.status === "written") return undefined;
  return failure(status.FAILED_PRECONDITION, "Operation failed due to WrongExpectedVersion.", {
    exception: "wrong-expected-version",
    "stream-name": stream,
    "expected-version": expected,
    "actual-version": String(verdict.current),
  });
}

/** The error that a fault ends its call with; undefined where the fault is another one. */
export function faultError(fault: Fault, ownPort: number): ServiceError | undefined {
  switch (fault.kind) {
    case "unavailable":
    case "breakAnswer":
      return failure(status.UNAVAILABLE, "the server is gone");
    case "internal":
      return failure(status.INTERNAL, "Received RST_STREAM with code 2");
    case "notReady":
      return failure(status.UNKNOWN, "Server Is Not Ready");
    case "notLeader":
      return failure(status.NOT_FOUND, "Leader info available", {
        exception: "not-leader",
        "leader-endpoint-host": "127.0.0.1",
        "leader-endpoint-port": String(fault.port ?? ownPort),
      });
    default:
      return undefined;
  }
}
