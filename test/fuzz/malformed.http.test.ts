import { connect } from "node:net";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";
import { seconds, seed } from "./fuzz-size.ts";
import { marker } from "./junk.ts";
import { stack } from "./oracle.ts";

/** How long a connection may live on which all was sent, ms. */
const patience = 5_000;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const requestLines = [
  "GET /auth/jwks HTTP/1.1",
  "POST /auth/token HTTP/1.1",
  "GET /auth/authorize?client_id=x HTTP/1.1",
  "POST /auth/token HTTP/1.0",
  "POST /auth/token HTTP/9.9",
  "POST /auth/token",
  "post /auth/token HTTP/1.1",
  `${marker} /auth/token HTTP/1.1`,
  "GET  /auth/jwks  HTTP/1.1",
  "GET /auth/jwks\u0000 HTTP/1.1",
  "GET /auth/\u00ff HTTP/1.1",
  "GET /../../etc/passwd HTTP/1.1",
  `GET http://${marker}@evil.invalid/auth/jwks HTTP/1.1`,
  "CONNECT evil.invalid:443 HTTP/1.1",
  "PRI * HTTP/2.0",
  "",
  `GET /${"a".repeat(20_000)} HTTP/1.1`,
];

const headerLines = [
  "Host: localhost",
  "Host: a\r\nHost: b",
  "Content-Type: application/x-www-form-urlencoded",
  "Content-Length: 5",
  "Content-Length: 5\r\nContent-Length: 6",
  "Content-Length: -1",
  `Content-Length: ${marker}`,
  "Content-Length: 99999999999999999999",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: chunked\r\nContent-Length: 4",
  `Transfer-Encoding: ${marker}`,
  "Transfer-Encoding : chunked",
  "Connection: upgrade\r\nUpgrade: websocket",
  "Connection: close",
  "Expect: 100-continue",
  `Expect: ${marker}`,
  `X-Folded: a\r\n ${marker}`,
  `X-Null: \u0000${marker}`,
  "no colon",
  ": no name",
  `X-Bare: a\nX-Injected: ${marker}`,
  `Authorization: Bearer ${"a".repeat(17_000)}`,
  `Cookie: ${"a=b; ".repeat(400)}`,
];

const bodies = [
  "",
  "a=b&c",
  "5\r\nhello\r\n0\r\n\r\n",
  "5\r\nhell",
  `${marker}\r\n\r\n`,
  "ffffffffffffffff\r\n",
  "0\r\n\r\nGET /auth/jwks HTTP/1.1\r\nHost: localhost\r\n\r\n",
  `{"a":${marker}}`,
];

const message = fc
  .record({
    line: fc.constantFrom(...requestLines),
    headers: fc.array(fc.constantFrom(...headerLines), { maxLength: 5 }),
    end: fc.constantFrom("\r\n", "\r\n", "\r\n", "\n", "\r", ""),
    body: fc.constantFrom(...bodies),
  })
  .map(({ line, headers, end, body }) => `${[line, ...headers].join("\r\n")}\r\n${end}${body}`);

/** All that comes back until the connection is closed, where nothing more is sent. */
async function converse(bytes: string): Promise<string> {
  const { hostname, port } = new URL(server.address);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const answered = text(socket.setTimeout(patience, () => socket.destroy(new Error("it hangs"))));
  socket.end(Buffer.from(bytes, "latin1"));
  try {
    return await answered;
  } catch (error) {
    // A server may cut off who does not speak HTTP.
    if ((error as NodeJS.ErrnoException).code === "ECONNRESET") return "";
    throw error;
  }
}

describe(`what is no HTTP, or HTTP of a dangerous kind (RFC 9112 §11; DACAPO_SEED=${seed})`, () => {
  it("is answered or cut off at once, tells nothing, and changes nothing", {
    timeout: (seconds + 30) * 1_000,
  }, async () => {
    const statuses = new Set<string>();
    const before = await server.runtime.store.lastPosition();
    await fc.assert(
      fc.asyncProperty(message, async (bytes) => {
        const answer = await converse(bytes);
        for (const [, status = ""] of answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)) {
          statuses.add(status);
          expect(status, answer).not.toMatch(/^5(?!03)/);
        }
        expect(answer).not.toMatch(stack);
        expect(answer).not.toContain(marker);
      }),
      { seed, numRuns: 75 * seconds },
    );
    expect(await server.runtime.store.readAll(before, 10)).toEqual([]);
    expect([...statuses]).toEqual(expect.arrayContaining(["400", "431"]));
    expect((await fetch(`${server.address}/livez`)).status).toBe(200);
  });

  it("two lengths, or a length and chunks, are never taken for two requests (RFC 9112 §6.3)", async () => {
    const smuggled = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (const framing of [
      `Content-Length: 0\r\nContent-Length: ${smuggled.length}`,
      `Transfer-Encoding: chunked\r\nContent-Length: ${smuggled.length}`,
      `Transfer-Encoding: xchunked\r\nContent-Length: ${smuggled.length}`,
    ]) {
      const answer = await converse(
        `POST /auth/token HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n${smuggled}`,
      );
      expect(answer.match(/^HTTP\/1\.1 \d{3}/gm), framing).toEqual(["HTTP/1.1 400"]);
      expect(answer).not.toContain("alive");
    }
  });
});
