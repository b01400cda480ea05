import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

const statusOf: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

const body = JSON.stringify({
  error: "invalid_request",
  error_description: "The request is not well-formed HTTP",
});

/** Whether TLS was not agreed on: nothing can be said to whoever speaks plain HTTP to it. */
const hasNoKeys = (socket: Socket): boolean =>
  socket instanceof TLSSocket && socket.getCipher()?.name === undefined;

/** Answers bytes that are no request, which reach no route and no hook, and ends the connection. */
export function tellNoHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable || hasNoKeys(socket)) {
    socket.destroy();
    return;
  }
  socket.end(
    [
      `HTTP/1.1 ${statusOf[error.code ?? ""] ?? "400 Bad Request"}`,
      "content-type: application/json; charset=utf-8",
      `content-length: ${body.length}`,
      "cache-control: no-store",
      "connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}
