import { freePort } from "./free-port.ts";
import { type RedisServer, type RedisServerOptions, startRedisServer } from "./redis-server.ts";

/** Files of a Redis that speaks TLS. */
export interface RedisTlsOptions extends RedisServerOptions {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** Whether its clients need a certificate by the same CA. */
  readonly authClients?: boolean;
}

/** A Redis that speaks TLS at a port of its own, beside the plain one that tests command it by. */
export interface RedisTlsServer extends RedisServer {
  readonly tlsPort: number;
}

/** Starts it. */
export async function startRedisTls(options: RedisTlsOptions): Promise<RedisTlsServer> {
  const { caFile, certFile, keyFile, authClients = false, config = [] } = options;
  const tlsPort = await freePort();
  const tls = [
    `tls-port ${tlsPort}`,
    `tls-ca-cert-file ${caFile}`,
    `tls-cert-file ${certFile}`,
    `tls-key-file ${keyFile}`,
    `tls-auth-clients ${authClients ? "yes" : "no"}`,
  ];
  const server = await startRedisServer({ ...options, config: [...tls, ...config] });
  return { ...server, tlsPort, url: server.url.replace(/^redis:(.*):\d+$/, `rediss:$1:${tlsPort}`) };
}
