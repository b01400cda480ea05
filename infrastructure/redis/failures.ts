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

/** What happened, without a word of what was sent: Redis repeats arguments, and they may be secret. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "it failed";
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
  error instanceof Error && /^(WRONGPASS|NOAUTH|NOPERM) /.test(error.message);

/** The failure of an engine as the ports know it. */
export const unavailable = (error: unknown): Unavailable =>
  error instanceof Unavailable ? error : new Unavailable(`Redis cannot be used: ${reasonOf(error)}`);
