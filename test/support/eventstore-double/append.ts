import shared from "@eventstore/db-client/generated/shared_pb.js";
import status_pb from "@eventstore/db-client/generated/status_pb.js";
import streams from "@eventstore/db-client/generated/streams_pb.js";
import type { ServerDuplexStream, ServerReadableStream, sendUnaryData } from "@grpc/grpc-js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import { faultError, streamDeleted } from "./errors.ts";
import type { Expected, Verdict } from "./log.ts";
import { allPosition, expectedOf, identifier, nothing, proposed, streamName } from "./messages.ts";
import type { Parts } from "./parts.ts";

type Request = streams.BatchAppendReq;
type Answer = streams.BatchAppendResp;

/** `Streams/BatchAppend`: many appends over one call, each in one or more parts. */
export function batchAppend({ log, faults, port }: Parts, call: ServerDuplexStream<Request, Answer>): void {
  const begun = new Map<string, Request[]>();
  call.on("data", (part: Request) => {
    const id = part.getCorrelationId()?.getString() ?? "";
    const parts = [...(begun.get(id) ?? []), part];
    begun.set(id, parts);
    if (!part.getIsFinal()) return;
    begun.delete(id);
    handle(parts);
  });
  call.on("end", () => call.end());
  call.on("error", () => undefined);

  function handle(parts: readonly Request[], stalled = false): void {
    const fault = stalled ? undefined : faults.take("append");
    if (fault?.kind === "dropCall") return;
    if (fault?.kind === "stall") {
      setTimeout(() => handle(parts, true), fault.ms);
      return;
    }
    const error = fault && faultError(fault, port());
    if (error !== undefined && fault?.kind === "notReady") {
      call.write(refused(parts, new status_pb.Status().setMessage(error.details)));
      return;
    }
    if (error !== undefined && fault?.kind !== "breakAnswer") {
      call.emit("error", error);
      return;
    }
    const verdict = log.append(nameOf(parts), eventsOf(parts), batchExpected(parts));
    if (fault?.kind === "breakAnswer") setTimeout(() => call.emit("error", error), fault.ms ?? 0);
    else if (fault?.kind !== "dropAnswer") call.write(answer(parts, verdict));
  }
}

const optionsOf = (parts: readonly Request[]) => parts[0]?.getOptions();
const nameOf = (parts: readonly Request[]) => streamName(optionsOf(parts)?.getStreamIdentifier());
const eventsOf = (parts: readonly Request[]) =>
  parts.flatMap((part) => part.getProposedMessagesList().map(proposed));

function batchExpected(parts: readonly Request[]): Expected {
  const options = optionsOf(parts);
  if (options?.hasStreamPosition()) return BigInt(options.getStreamPosition());
  if (options?.hasNoStream()) return -1n;
  return options?.hasStreamExists() ? "exists" : "any";
}

function begin(parts: readonly Request[]): Answer {
  return new streams.BatchAppendResp()
    .setCorrelationId(parts[0]?.getCorrelationId())
    .setStreamIdentifier(identifier(nameOf(parts)));
}

function answer(parts: readonly Request[], verdict: Verdict): Answer {
  if (verdict.status !== "written") return refused(parts, refusalStatus(nameOf(parts), verdict));
  const success = new streams.BatchAppendResp.Success()
    .setCurrentRevision(String(verdict.revision))
    .setPosition(allPosition(verdict.position));
  return begin(parts).setSuccess(success);
}

function refused(parts: readonly Request[], error: status_pb.Status): Answer {
  if (!error.hasDetails()) error.setDetails(packed(nothing(), "google.protobuf.Empty"));
  return begin(parts).setError(error);
}

function refusalStatus(stream: string, verdict: Exclude<Verdict, { status: "written" }>): status_pb.Status {
  if (verdict.status === "deleted") {
    const details = new shared.StreamDeleted().setStreamIdentifier(identifier(stream));
    return new status_pb.Status().setDetails(packed(details, "event_store.client.StreamDeleted"));
  }
  const details = new shared.WrongExpectedVersion().setExpectedAny(nothing());
  if (verdict.current < 0n) details.setCurrentNoStream(nothing());
  else details.setCurrentStreamRevision(String(verdict.current));
  return new status_pb.Status().setDetails(packed(details, "event_store.client.WrongExpectedVersion"));
}

function packed(message: { serializeBinary(): Uint8Array }, type: string): any.Any {
  const details = new any.Any();
  details.pack(message.serializeBinary(), type);
  return details;
}

/** `Streams/Append`: one append, the options first, then an event a message. */
export function append(
  { log, faults, port }: Parts,
  call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
  reply: sendUnaryData<streams.AppendResp>,
): void {
  const parts: streams.AppendReq[] = [];
  call.on("data", (part: streams.AppendReq) => parts.push(part));
  call.on("end", () => {
    const fault = faults.take("append");
    const options = parts[0]?.getOptions();
    if (fault?.kind === "dropCall" || options === undefined) return;
    const error = fault && faultError(fault, port());
    if (error !== undefined && fault?.kind !== "breakAnswer") return reply(error);
    const stream = streamName(options.getStreamIdentifier());
    const events = parts.slice(1).map((part) => proposed(part.getProposedMessage() as never));
    const verdict = log.append(stream, events, expectedOf(options));
    if (fault?.kind === "dropAnswer") return;
    if (error !== undefined) return reply(error);
    if (verdict.status === "deleted") return reply(streamDeleted(stream));
    const respond = () => reply(null, unary(verdict));
    if (fault?.kind === "stall") setTimeout(respond, fault.ms);
    else respond();
  });
}

function unary(verdict: Exclude<Verdict, { status: "deleted" }>): streams.AppendResp {
  if (verdict.status === "wrong") {
    const wrong = new streams.AppendResp.WrongExpectedVersion();
    if (verdict.current < 0n) wrong.setCurrentNoStream(new shared.Empty());
    else wrong.setCurrentRevision(String(verdict.current));
    return new streams.AppendResp().setWrongExpectedVersion(wrong);
  }
  const position = new streams.AppendResp.Position()
    .setCommitPosition(String(verdict.position))
    .setPreparePosition(String(verdict.position));
  return new streams.AppendResp().setSuccess(
    new streams.AppendResp.Success().setCurrentRevision(String(verdict.revision)).setPosition(position),
  );
}
