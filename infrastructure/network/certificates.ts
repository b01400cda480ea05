import type { X509Certificate } from "node:crypto";
import type { SecureContextOptions, Server, TlsOptions } from "node:tls";
import type { Logger } from "pino";
import type { Config } from "../config/schema.ts";
import { readCas, readKeyPair } from "./pem.ts";

type TlsSettings = Pick<Config, "tlsCertFile" | "tlsKeyFile" | "tlsClientCaFile">;

/** What a server shows to its clients, and whom it lets in. */
interface ServerCertificate {
  readonly context: Pick<SecureContextOptions, "cert" | "key" | "ca" | "minVersion">;
  readonly leaf: X509Certificate;
}

/** Tells of SIGHUP, as `process` does. */
export type HangUps = Pick<NodeJS.EventEmitter, "on" | "off">;

/** A certificate that is replaced when its files are. */
export interface KeptCertificate {
  /** For a server that is made now. */
  readonly options: TlsOptions;
  /** Gives the server each new certificate until it is closed. Connections that are open keep the one that they began with. */
  keep(server: Server): void;
  close(): void;
}

/** Milliseconds between two looks at the files: what replaces files by renaming or by links is not told of reliably. */
const lookEvery = 2_000;
/** Milliseconds that a client may take to agree on a key. */
const handshakeTimeout = 10_000;
/** What of its life a certificate has left when it should have been renewed. */
const lastPart = 0.1;

/**
 * Reads and checks what the main listener needs to speak TLS; undefined where it is not to.
 * @throws {ConfigurationError} which names the setting and the file
 */
export function readServerCertificate(settings: TlsSettings): ServerCertificate | undefined {
  const { tlsCertFile, tlsKeyFile, tlsClientCaFile } = settings;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return undefined;
  const { cert, key, leaf } = readKeyPair(
    { setting: "tlsCertFile", file: tlsCertFile },
    { setting: "tlsKeyFile", file: tlsKeyFile },
  );
  const ca =
    tlsClientCaFile === undefined
      ? {}
      : { ca: readCas({ setting: "tlsClientCaFile", file: tlsClientCaFile }) };
  return { context: { cert, key, ...ca, minVersion: "TLSv1.2" }, leaf };
}

const isSame = ({ context: one }: ServerCertificate, { context: other }: ServerCertificate): boolean =>
  one.cert === other.cert && one.key === other.key && one.ca === other.ca;

/** What keeps a certificate from being good for long, or at all. */
function worryOf({ validFromDate: from, validToDate: to }: X509Certificate, now: number): string | undefined {
  if (now > to.getTime()) return "the TLS certificate has expired: clients refuse it";
  if (now < from.getTime()) return "the TLS certificate is not valid yet: clients refuse it";
  const left = (to.getTime() - now) / (to.getTime() - from.getTime());
  return left < lastPart ? "the TLS certificate expires soon and was not renewed" : undefined;
}

/** What the log tells of a certificate. */
const factsOf = ({ leaf }: ServerCertificate) => ({
  names: leaf.subjectAltName ?? leaf.subject,
  validFrom: leaf.validFromDate,
  validUntil: leaf.validToDate,
});

/**
 * Keeps the certificate of the main listener as it is in its files, which are looked at every two seconds and on SIGHUP; undefined where
 * it speaks no TLS. A pair that cannot be used leaves the old one in place, and is told of once, as an error, where it is still there at
 * the next look: who replaces two files does not do so at once.
 * @throws {ConfigurationError} where the first one cannot be used
 */
export function keepCertificate(
  settings: TlsSettings,
  logger: Logger,
  { hangUps, every = lookEvery }: { readonly hangUps?: HangUps | undefined; readonly every?: number } = {},
): KeptCertificate | undefined {
  const first = readServerCertificate(settings);
  if (first === undefined) return undefined;
  let current = first;
  let suspected: string | undefined;
  let told: string | undefined;
  let worry: string | undefined;
  const servers = new Set<Server>();

  function worryOnce(): void {
    const now = worryOf(current.leaf, Date.now());
    if (now !== undefined && now !== worry) logger.warn(factsOf(current), now);
    worry = now;
  }

  function refuse(reason: string, atOnce: boolean): void {
    const isNew = reason !== told;
    if (isNew && (atOnce || reason === suspected)) {
      told = reason;
      logger.error(
        { reason },
        "the TLS certificate was not replaced, the old one stays: the new one cannot be used",
      );
    }
    suspected = reason;
  }

  function found(): ServerCertificate | string {
    try {
      return readServerCertificate(settings) ?? current;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** @param isAsked whether somebody waits for an answer in the log */
  function look(isAsked: boolean): void {
    const next = found();
    if (typeof next === "string") {
      refuse(next, isAsked);
      return;
    }
    suspected = undefined;
    told = undefined;
    if (!isSame(next, current)) {
      current = next;
      for (const server of servers) server.setSecureContext(current.context);
      logger.info(factsOf(current), "the TLS certificate was replaced");
    } else if (isAsked) logger.info(factsOf(current), "the TLS certificate has not changed");
    worryOnce();
  }

  const onHangUp = () => look(true);
  hangUps?.on("SIGHUP", onHangUp);
  const timer = setInterval(() => look(false), every);
  timer.unref();
  logger.info(factsOf(current), "the TLS certificate is in use");
  worryOnce();

  return {
    get options() {
      const asksClients =
        settings.tlsClientCaFile === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
      return { ...current.context, ...asksClients, handshakeTimeout };
    },
    keep(server) {
      server.setSecureContext(current.context);
      servers.add(server);
      server.on("close", () => servers.delete(server));
      // What strangers send is no failure of ours; whoever looks for why a client cannot connect finds it here.
      server.on("tlsClientError", ({ code }: NodeJS.ErrnoException) =>
        logger.debug({ reason: code }, "a connection did not agree on TLS"),
      );
    },
    close() {
      clearInterval(timer);
      hangUps?.off("SIGHUP", onHangUp);
    },
  };
}
