import { Unavailable } from "../../application/ports/event-store.ts";

/** What no waiting heals: a setting or a role of the server. */
export class Refused extends Unavailable {}

const replies: Readonly<Record<string, string>> = {
  WRONGPASS: "it refuses the user or the password",
  NOAUTH: "it asks for a password",
  NOPERM: "the user may not do what is needed",
  READONLY: "it is a replica",
  LOADING: "it is still loading its data",
  OOM: "its memory is full",
  MISCONF: "it cannot save its data",
  NOREPLICAS: "it has too few replicas to write",
  MASTERDOWN: "its master is down",
  BUSY: "a script keeps it busy",
  CLUSTERDOWN: "the cluster is down",
  MOVED: "the cluster is moving data",
  ASK: "the cluster is moving data",
  TRYAGAIN: "the cluster is moving data",
  CROSSSLOT: "the cluster is moving data",
  EXECABORT: "it aborted a transaction",
};

/** Codes of Node and of OpenSSL, in the words of who must act. */
const tlsFailures: readonly (readonly [pattern: RegExp, words: string])[] = [
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_(UNTRUSTED|REJECTED)|INVALID_CA/,
    "no CA that is trusted here signed its certificate, name its CA by redisCaFile",
  ],
  [/ALTNAME_INVALID|HOSTNAME_MISMATCH/, "its certificate is for another name than the one in the URL"],
  [
    /ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|UNKNOWN_CA|BAD_CERTIFICATE)/,
    "it refuses the client's certificate, or misses one, name it by redisCertFile and redisKeyFile",
  ],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH/, "it speaks no TLS there"],
];

const tlsFailureOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error && "code" in error)) return undefined;
  const code = String(error.code);
  const [, words] = tlsFailures.find(([pattern]) => pattern.test(code)) ?? [];
  return words && `${words} (${code})`;
};

/** What happened, without a word of what was sent: Redis repeats arguments, and they may be secret. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "it failed";
  const tlsFailure = tlsFailureOf(error);
  if (tlsFailure !== undefined) return tlsFailure;
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error.message === "Command timed out" || error.message.startsWith("Socket timeout"))
    return "it did not answer in time";
  if (error.message.startsWith("All sentinels are unreachable"))
    return "no Sentinel can be reached that knows a master of this name";
  if ("lastNodeError" in error && error.lastNodeError) return reasonOf(error.lastNodeError);
  const [code = ""] = error.message.split(" ");
  if (error.name === "ReplyError") return replies[code] ?? `it answered with an error (${code.slice(0, 20)})`;
  return "there is no connection";
}

/** True where the reply says that the cluster holds this key elsewhere. */
export const isMoved = (error: unknown): boolean =>
  error instanceof Error && /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN) /.test(error.message);

/** True where another try gives the same answer until somebody changes the configuration. */
export const isRefusal = (error: unknown): boolean =>
  tlsFailureOf(error) !== undefined ||
  (error instanceof Error && /^(WRONGPASS|NOAUTH|NOPERM) /.test(error.message));

/** The failure of an engine as the ports know it. */
export const unavailable = (error: unknown): Unavailable =>
  error instanceof Unavailable ? error : new Unavailable(`Redis cannot be used: ${reasonOf(error)}`);
