import streams from "@eventstore/db-client/generated/streams_pb.js";
import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import { faultError, refusal } from "./errors.ts";
import type { Verdict } from "./log.ts";
import { expectedOf, streamName } from "./messages.ts";
import type { Parts } from "./parts.ts";

/** `Streams/Delete`: hides the stream. */
export function softDelete(
  parts: Parts,
  { request }: ServerUnaryCall<streams.DeleteReq, streams.DeleteResp>,
  reply: sendUnaryData<streams.DeleteResp>,
): void {
  const options = request.getOptions() ?? new streams.DeleteReq.Options();
  remove(
    parts,
    options,
    (stream) => parts.log.softDelete(stream, expectedOf(options)),
    reply,
    (position) =>
      new streams.DeleteResp().setPosition(
        new streams.DeleteResp.Position().setCommitPosition(position).setPreparePosition(position),
      ),
  );
}

/** `Streams/Tombstone`: ends the stream. */
export function tombstone(
  parts: Parts,
  { request }: ServerUnaryCall<streams.TombstoneReq, streams.TombstoneResp>,
  reply: sendUnaryData<streams.TombstoneResp>,
): void {
  const options = request.getOptions() ?? new streams.TombstoneReq.Options();
  remove(
    parts,
    options,
    (stream) => parts.log.tombstone(stream, expectedOf(options)),
    reply,
    (position) =>
      new streams.TombstoneResp().setPosition(
        new streams.TombstoneResp.Position().setCommitPosition(position).setPreparePosition(position),
      ),
  );
}

function remove<Answer>(
  { faults, port }: Parts,
  options: streams.DeleteReq.Options | streams.TombstoneReq.Options,
  work: (stream: string) => Verdict,
  reply: sendUnaryData<Answer>,
  answer: (position: string) => Answer,
): void {
  const stream = streamName(options.getStreamIdentifier());
  const fault = faults.take("delete");
  const broken = fault && faultError(fault, port());
  if (fault?.kind === "dropCall") return;
  const verdict = broken === undefined || fault?.kind === "breakAnswer" ? work(stream) : undefined;
  if (fault?.kind === "dropAnswer") return;
  const error = broken ?? (verdict && refusal(stream, String(expectedOf(options)), verdict)) ?? null;
  const position = verdict?.status === "written" ? verdict.position : 0n;
  reply(error, error === null ? answer(String(position)) : null);
}
