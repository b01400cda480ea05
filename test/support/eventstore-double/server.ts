import { readFileSync } from "node:fs";
import gossip, { type IGossipServer } from "@eventstore/db-client/generated/gossip_grpc_pb.js";
import gossip_pb from "@eventstore/db-client/generated/gossip_pb.js";
import features, {
  type IServerFeaturesServer,
} from "@eventstore/db-client/generated/serverfeatures_grpc_pb.js";
import features_pb from "@eventstore/db-client/generated/serverfeatures_pb.js";
import shared from "@eventstore/db-client/generated/shared_pb.js";
import streams, { type IStreamsServer } from "@eventstore/db-client/generated/streams_grpc_pb.js";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { append, batchAppend } from "./append.ts";
import { softDelete, tombstone } from "./delete.ts";
import { faultError } from "./errors.ts";
import type { Member, Parts, ReadAnswer, ReadCall } from "./parts.ts";
import { read } from "./read.ts";

export interface ListenOptions extends Parts {
  /** Without it, clients append by one call an append. */
  readonly batch: boolean;
  /** Without it, it speaks no TLS. */
  readonly tls?: DoubleTls | undefined;
  members(): readonly Member[];
}

/** Files of a server that speaks TLS, and whether its clients need a certificate by the same CA. */
export interface DoubleTls {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly authClients?: boolean;
}

function credentialsOf({ tls }: ListenOptions): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const pair = { private_key: readFileSync(tls.keyFile), cert_chain: readFileSync(tls.certFile) };
  return ServerCredentials.createSsl(readFileSync(tls.caFile), [pair], tls.authClients ?? false);
}

const readService = {
  ...streams.StreamsService.read,
  responseSerialize: (answer: ReadAnswer) =>
    Buffer.isBuffer(answer) ? answer : Buffer.from(answer.serializeBinary()),
};

/** Listens on the loopback interface. */
export async function listen(options: ListenOptions, port: number): Promise<Server> {
  const server = new Server({ "grpc.max_receive_message_length": 32 * 1024 * 1024 });
  server.addService({ ...streams.StreamsService, read: readService }, streamsServer(options));
  server.addService(features.ServerFeaturesService, featuresServer(options));
  server.addService(gossip.GossipService, gossipServer(options));
  await new Promise<number>((resolve, reject) => {
    const address = `127.0.0.1:${port}`;
    server.bindAsync(address, credentialsOf(options), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return server;
}

function streamsServer(parts: Parts): IStreamsServer {
  return {
    read: (call) => read(parts, call as ReadCall),
    append: (call, reply) => append(parts, call, reply),
    batchAppend: (call) => batchAppend(parts, call),
    delete: (call, reply) => softDelete(parts, call, reply),
    tombstone: (call, reply) => tombstone(parts, call, reply),
  };
}

function featuresServer({ batch, faults, port }: ListenOptions): IServerFeaturesServer {
  return {
    getSupportedMethods: (_call, reply) => {
      const fault = faults.take("features");
      const error = fault === undefined ? undefined : faultError(fault, port());
      if (error === undefined) reply(null, supported(batch));
      else reply(error);
    },
  };
}

function gossipServer({ members }: ListenOptions): IGossipServer {
  return { read: (_call, reply) => reply(null, clusterInfo(members())) };
}

function supported(batch: boolean): features_pb.SupportedMethods {
  const names = ["read", "append", "delete", "tombstone", ...(batch ? ["batchappend"] : [])];
  const methods = names.map((name) =>
    new features_pb.SupportedMethod()
      .setServiceName("event_store.client.streams.streams")
      .setMethodName(name)
      .setFeaturesList(["all", "stream"]),
  );
  return new features_pb.SupportedMethods().setEventStoreServerVersion("24.10.0").setMethodsList(methods);
}

function clusterInfo(members: readonly Member[]): gossip_pb.ClusterInfo {
  const { LEADER, FOLLOWER } = gossip_pb.MemberInfo.VNodeState;
  return new gossip_pb.ClusterInfo().setMembersList(
    members.map(({ port, leader }) =>
      new gossip_pb.MemberInfo()
        .setInstanceId(new shared.UUID().setString(crypto.randomUUID()))
        .setTimeStamp(String(Date.now()))
        .setState(leader ? LEADER : FOLLOWER)
        .setIsAlive(true)
        .setHttpEndPoint(new gossip_pb.EndPoint().setAddress("127.0.0.1").setPort(port)),
    ),
  );
}
