import streams from "@eventstore/db-client/generated/streams_pb.js";
import { faultError, streamDeleted } from "./errors.ts";
import type { Recorded } from "./log.ts";
import { encode, identifier, streamName } from "./messages.ts";
import type { Parts, ReadCall } from "./parts.ts";
import { subscribe } from "./subscribe.ts";
import { Writer } from "./writer.ts";

const backwards = 1;

/** `Streams/Read`: reads a stream or the log, or subscribes to the log. */
export async function read(parts: Parts, call: ReadCall): Promise<void> {
  const options = call.request.getOptions() ?? new streams.ReadReq.Options();
  const fault = parts.faults.take(options.hasSubscription() ? "subscribe" : "read");
  if (fault?.kind === "dropCall" || fault?.kind === "dropAnswer") return;
  if (fault?.kind === "stall") await new Promise((resolve) => setTimeout(resolve, fault.ms));
  const error = fault && faultError(fault, parts.port());
  if (error !== undefined) call.emit("error", error);
  else if (options.hasSubscription()) await subscribe(parts, call, options);
  else if (options.hasStream()) await readStream(parts, call, options);
  else await write(call, readAll(parts, options));
}

async function readStream({ log }: Parts, call: ReadCall, options: streams.ReadReq.Options): Promise<void> {
  const from = options.getStream() ?? new streams.ReadReq.Options.StreamOptions();
  const stream = streamName(from.getStreamIdentifier());
  const visible = log.visible(stream);
  if (visible === "deleted") {
    call.emit("error", streamDeleted(stream));
  } else if (visible === undefined) {
    const notFound = new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier(stream));
    call.write(new streams.ReadResp().setStreamNotFound(notFound));
    call.end();
  } else {
    await write(call, ofStream(visible, from, options));
  }
}

function ofStream(
  visible: readonly Recorded[],
  from: streams.ReadReq.Options.StreamOptions,
  options: streams.ReadReq.Options,
): readonly Recorded[] {
  const revision = from.hasRevision() ? BigInt(from.getRevision()) : undefined;
  const hidden = visible[0]?.revision ?? 0n;
  const index = revision === undefined ? undefined : Math.max(0, Number(revision - hidden));
  const count = Number(options.getCount());
  if (Number(options.getReadDirection()) !== backwards) {
    const start = index ?? (from.hasEnd() ? visible.length : 0);
    return visible.slice(start, start + count);
  }
  if (revision !== undefined && revision < hidden) return [];
  const stop = index === undefined ? (from.hasStart() ? 1 : visible.length) : index + 1;
  return visible.slice(Math.max(0, Math.min(stop, visible.length) - count), stop).toReversed();
}

function readAll({ log }: Parts, options: streams.ReadReq.Options): readonly Recorded[] {
  const from = options.getAll();
  const position = BigInt(from?.getPosition()?.getCommitPosition() ?? 0);
  const count = Number(options.getCount());
  if (Number(options.getReadDirection()) !== backwards) {
    const start = from?.hasEnd() ? log.all.length : log.indexAfter(position - 1n);
    return log.all.slice(start, start + count);
  }
  const stop = from?.hasEnd() ? log.all.length : log.indexAfter(position - 1n);
  return log.all.slice(Math.max(0, stop - count), stop).toReversed();
}

async function write(call: ReadCall, events: readonly Recorded[]): Promise<void> {
  const writer = new Writer(call);
  for (const event of events) {
    if (writer.ended) return;
    await writer.write(encode(event));
  }
  call.end();
}
