import grpc from "@eventstore/db-client/generated/streams_grpc_pb.js";

type BatchAppend = typeof grpc.StreamsClient.prototype.batchAppend;
type BatchCall = ReturnType<BatchAppend>;
// biome-ignore lint/suspicious/noExplicitAny: that is how Node types listeners
type Listener = (...values: any[]) => void;

let guarded = false;

/**
 * Keeps the client from ending the process. Its table of appends under way is shared by all its calls of `BatchAppend`
 * and emptied when one of them breaks: then it throws at the next answer on another one. And appends that wait for a
 * full call to drain become unhandled rejections when the call breaks. The appends themselves are safe: whoever waits
 * for an answer has a deadline, and their number is limited.
 */
export function guardBatches(): void {
  if (guarded) return;
  guarded = true;
  const { prototype } = grpc.StreamsClient;
  const open = prototype.batchAppend as (...given: unknown[]) => BatchCall;
  prototype.batchAppend = function (this: unknown, ...given: unknown[]) {
    return guard(open.apply(this, given));
  } as BatchAppend;
}

function guard(call: BatchCall): BatchCall {
  const listen = call.on.bind(call) as (event: string, listener: Listener) => BatchCall;
  const write = call.write.bind(call) as (message: unknown) => boolean;
  call.on = (event: string, listener: Listener) =>
    listen(event, event === "data" ? tolerant(listener) : listener);
  call.write = (message: unknown) => {
    write(message);
    return true;
  };
  return call;
}

function tolerant(listener: Listener): Listener {
  return (...values) => {
    try {
      listener(...values);
    } catch {
      // The answer to an append that was given up.
    }
  };
}
