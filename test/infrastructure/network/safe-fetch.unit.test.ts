import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createSafeFetch } from "../../../infrastructure/network/safe-fetch.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, seen };
}

const fetchAnyhow = createSafeFetch({ allowLoopbackHttp: true, timeLimit: 500 });
const fetchSafely = createSafeFetch({ timeLimit: 2_000 });

describe("what is fetched", () => {
  it.each(["127.0.0.1", "localhost"])("is JSON from %s, where that is allowed", async (host) => {
    const { port, seen } = await serve((_, response) => response.end('{"keys":[]}'));
    expect(await fetchAnyhow(`http://${host}:${port}/jwks?a=1`)).toMatchObject({ json: { keys: [] } });
    expect(seen).toEqual(["GET /jwks?a=1"]);
  });

  it("may be as big as the limit", async () => {
    const text = JSON.stringify("x".repeat(5 * 1024 - 2));
    const { port } = await serve((_, response) => response.end(text));
    const { json } = await fetchAnyhow(`http://127.0.0.1:${port}`);
    expect(json).toHaveLength(5 * 1024 - 2);
  });
});

describe("where nothing is fetched from", () => {
  it.each(["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])(
    "is this machine, as %s",
    async (host) => {
      const { port, seen } = await serve((_, response) => response.end("{}"));
      await expect(fetchSafely(`http://${host}:${port}`)).rejects.toThrow("only https:");
      await expect(fetchSafely(`https://${host}:${port}`)).rejects.toThrow("not an address to fetch from");
      await expect(fetchAnyhow(`https://${host}:${port}`)).rejects.toThrow("not an address to fetch from");
      expect(seen).toEqual([]);
    },
  );

  it.each(["10.0.0.1", "169.254.169.254", "[fc00::1]", "[fe80::1]", "[::]", "0.0.0.0"])(
    "is a private network, as %s",
    async (host) => {
      await expect(fetchSafely(`https://${host}/`)).rejects.toThrow("not an address to fetch from");
      await expect(fetchAnyhow(`http://${host}/`)).rejects.toThrow("not an address to fetch from");
    },
  );

  it("is a public address without TLS, even in development", () =>
    expect(fetchAnyhow("http://1.1.1.1/")).rejects.toThrow("not an address to fetch from"));

  it.each([
    "file:///etc/passwd",
    "ftp://example.com/",
    "data:,{}",
    "https://user@example.com/",
    "example.com",
  ])("is %s", (url) => expect(fetchAnyhow(url)).rejects.toThrow());
});

describe("an answer is refused", () => {
  it("that redirects, which is not followed", async () => {
    const { port, seen } = await serve((_, response) => response.writeHead(302, { location: "/b" }).end());
    await expect(fetchAnyhow(`http://127.0.0.1:${port}/a`)).rejects.toThrow("answered 302");
    expect(seen).toEqual(["GET /a"]);
  });

  it("that is too big, without reading it to the end", async () => {
    const { port } = await serve((_, response) => {
      const more = () =>
        void (response.destroyed || response.write(" ".repeat(1024), () => setImmediate(more)));
      more();
    });
    await expect(fetchAnyhow(`http://127.0.0.1:${port}`)).rejects.toThrow("more than 5120 bytes");
  });

  it("that does not begin, or does not end, in time", async () => {
    const silent = await serve(() => undefined);
    const endless = await serve((_, response) => response.write("{"));
    for (const { port } of [silent, endless])
      await expect(fetchAnyhow(`http://127.0.0.1:${port}`)).rejects.toThrow(/timeout|aborted/i);
  });

  it("that is no JSON, or not 200", async () => {
    const html = await serve((_, response) => response.end("<p>"));
    const missing = await serve((_, response) => response.writeHead(404).end("{}"));
    await expect(fetchAnyhow(`http://127.0.0.1:${html.port}`)).rejects.toThrow(SyntaxError);
    await expect(fetchAnyhow(`http://127.0.0.1:${missing.port}`)).rejects.toThrow("answered 404");
  });
});
