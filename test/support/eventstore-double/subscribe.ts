import streams from "@eventstore/db-client/generated/streams_pb.js";
import type { Recorded } from "./log.ts";
import { encode } from "./messages.ts";
import type { Parts, ReadCall } from "./parts.ts";
import { Writer } from "./writer.ts";

/** Tells what is in the log, says that it has caught up, and tells what comes; again after each falling behind. */
export async function subscribe(
  { log }: Parts,
  call: ReadCall,
  options: streams.ReadReq.Options,
): Promise<void> {
  const writer = new Writer(call);
  const wanted = filterOf(options.getFilter());
  const interval = checkpointInterval(options.getFilter());
  let index = startIndex(log.all.length, options.getAll(), (position) => log.indexAfter(position));
  let skipped = 0;
  let caughtUp = false;
  const confirmation = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(crypto.randomUUID());
  await writer.write(new streams.ReadResp().setConfirmation(confirmation));
  while (!writer.ended) {
    const event = log.all[index];
    if (event === undefined) {
      if (!caughtUp) await writer.write(new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));
      caughtUp = true;
      if (index === log.all.length) await nextEvent(call, (listener) => log.onNext(listener));
      continue;
    }
    caughtUp &&= log.all.length - index < 1_000;
    index += 1;
    if (wanted(event)) await writer.write(encode(event));
    else skipped += 1;
    if (skipped >= interval) {
      skipped = 0;
      await writer.write(checkpoint(event.position));
    }
  }
}

function startIndex(
  length: number,
  from: streams.ReadReq.Options.AllOptions | undefined,
  indexAfter: (position: bigint) => number,
): number {
  if (from?.hasEnd()) return length;
  return from?.hasPosition() ? indexAfter(BigInt(from.getPosition()?.getCommitPosition() ?? 0)) : 0;
}

async function nextEvent(call: ReadCall, onNext: (listener: () => void) => () => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const forget = onNext(resolve);
  for (const name of ["cancelled", "close", "error"]) call.once(name, resolve);
  await promise;
  for (const name of ["cancelled", "close", "error"]) call.off(name, resolve);
  forget();
}

function filterOf(filter: streams.ReadReq.Options.FilterOptions | undefined): (event: Recorded) => boolean {
  const expression = filter?.getStreamIdentifier() ?? filter?.getEventType();
  if (filter === undefined || expression === undefined) return () => true;
  const field = filter.hasStreamIdentifier() ? "stream" : "type";
  const prefixes = expression.getPrefixList();
  const pattern = new RegExp(expression.getRegex());
  return prefixes.length > 0
    ? (event) => prefixes.some((prefix) => event[field].startsWith(prefix))
    : (event) => pattern.test(event[field]);
}

function checkpointInterval(filter: streams.ReadReq.Options.FilterOptions | undefined): number {
  if (filter === undefined) return Number.POSITIVE_INFINITY;
  return (filter.hasMax() ? filter.getMax() : 32) * filter.getCheckpointintervalmultiplier();
}

function checkpoint(position: bigint): streams.ReadResp {
  const at = new streams.ReadResp.Checkpoint()
    .setCommitPosition(String(position))
    .setPreparePosition(String(position));
  return new streams.ReadResp().setCheckpoint(at);
}
