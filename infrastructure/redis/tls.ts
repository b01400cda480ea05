import { isIP } from "node:net";
import { type ConnectionOptions, createSecureContext, type SecureContext } from "node:tls";
import { type PemFile, readCas, readKeyPair } from "../network/pem.ts";

/** The files by which Redis is trusted and by which this client shows who it is. */
export interface RedisTlsFiles {
  readonly redisCaFile?: string | undefined;
  readonly redisCertFile?: string | undefined;
  readonly redisKeyFile?: string | undefined;
}

const named = (setting: keyof RedisTlsFiles, file: string): PemFile => ({ setting, file });

/** @throws {ConfigurationError} which names the setting and the file */
export function redisSecureContext({
  redisCaFile,
  redisCertFile,
  redisKeyFile,
}: RedisTlsFiles): SecureContext {
  const ca = redisCaFile === undefined ? {} : { ca: readCas(named("redisCaFile", redisCaFile)) };
  if (redisCertFile === undefined || redisKeyFile === undefined) return createSecureContext(ca);
  const { cert, key } = readKeyPair(
    named("redisCertFile", redisCertFile),
    named("redisKeyFile", redisKeyFile),
  );
  return createSecureContext({ ...ca, cert, key });
}

/**
 * What connections to Redis say to `tls.connect`. The files are read again for each new connection, so that certificates are renewed
 * without a restart; where they cannot be used then, what was read last goes on.
 * @param host the one name that the certificate must have; else each connection asks for the host that it connects to
 * @throws {ConfigurationError} where they cannot be used now
 */
export function redisTls(files: RedisTlsFiles, host?: string): ConnectionOptions {
  let context = redisSecureContext(files);
  let isFirst = true;
  const servername = host === undefined || isIP(host) !== 0 ? {} : { servername: host };
  return {
    ...servername,
    // Read by ioredis for each connection, and all of it at once.
    get secureContext() {
      if (!isFirst) context = contextOr(files, context);
      isFirst = false;
      return context;
    },
  };
}

function contextOr(files: RedisTlsFiles, last: SecureContext): SecureContext {
  try {
    return redisSecureContext(files);
  } catch {
    return last;
  }
}
