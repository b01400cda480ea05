import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { text } from "node:stream/consumers";
import type { WireRequest } from "./request.ts";

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends requests to a server over connections that are kept. */
export interface Sender extends Disposable {
  /** Undefined where the answer was lost, because the request was not read to its end. @throws where no answer came in time (ms) */
  send(wire: WireRequest, timeout: number): Promise<Answer | undefined>;
}

/** The parser of HTTP does not know that what it refuses was HEAD, and sends words that HEAD has not. */
const isMisread = ({ method }: WireRequest, error: unknown): boolean =>
  method === "HEAD" && String((error as NodeJS.ErrnoException).code).startsWith("HPE_");

/** A body of this size (bytes) may be cut off before the answer was read (RFC 9110 §15.5.14). */
const largeBody = 64 * 1024;

class Reset extends Error {
  /** Whether the connection may have been closed before the request was sent. */
  readonly isStale: boolean;
  constructor(isStale: boolean, cause: unknown) {
    super("the connection was reset", { cause });
    this.isStale = isStale;
  }
}

export function createSender(address: string): Sender {
  const { hostname, port } = new URL(address);
  const agent = new Agent({ keepAlive: true });

  const once = ({ method, url, headers, payload }: WireRequest, signal: AbortSignal): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request({ agent, hostname, port, method, path: url, headers, signal }, (response) => {
        text(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: body }),
          reject,
        );
      });
      sent.on("error", (error: NodeJS.ErrnoException) => {
        const isReset = error.code === "ECONNRESET" || error.code === "EPIPE";
        reject(isReset ? new Reset(sent.reusedSocket, error) : error);
      });
      sent.end(payload);
    });

  async function send(wire: WireRequest, timeout: number): Promise<Answer | undefined> {
    try {
      return await once(wire, AbortSignal.timeout(timeout));
    } catch (error) {
      if (isMisread(wire, error)) return undefined;
      if (!(error instanceof Reset)) throw error;
      if (error.isStale) return await send(wire, timeout);
      if (wire.payload.length > largeBody) return undefined;
      throw error;
    }
  }
  return { send, [Symbol.dispose]: () => agent.destroy() };
}
