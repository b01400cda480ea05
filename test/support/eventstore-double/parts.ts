import type streams from "@eventstore/db-client/generated/streams_pb.js";
import type { ServerWritableStream } from "@grpc/grpc-js";
import type { Faults } from "./faults.ts";
import type { Log } from "./log.ts";

/** What the services share. */
export interface Parts {
  readonly log: Log;
  readonly faults: Faults;
  /** Where the server listens. */
  port(): number;
}

/** Another server of the cluster. */
export interface Member {
  readonly port: number;
  readonly leader: boolean;
}

/** A message, or one that is encoded already. */
export type ReadAnswer = streams.ReadResp | Buffer;
export type ReadCall = ServerWritableStream<streams.ReadReq, ReadAnswer>;
