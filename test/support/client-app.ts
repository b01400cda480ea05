import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What a browser brought to the client's redirect URI. */
export interface Arrival {
  readonly method: string;
  readonly parameters: URLSearchParams;
}

/** A client's own small site on loopback, of another site than the server's: a page to connect by, and the callback. */
export interface ClientApp extends AsyncDisposable {
  readonly redirectUri: string;
  /** The address of its page that links to this authorization request. */
  startPage(authorizationUrl: string): string;
  /** What has arrived since this was last asked. */
  takeArrivals(): readonly Arrival[];
}

const document = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><title>${title}</title><link rel="icon" href="data:,"><h1>${title}</h1>${body}</html>`;

async function parametersOf(request: IncomingMessage, url: URL): Promise<URLSearchParams> {
  return request.method === "POST" ? new URLSearchParams(await text(request)) : url.searchParams;
}

/** Starts it on a free port. */
export async function startClientApp(): Promise<ClientApp> {
  let arrivals: Arrival[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://client.invalid");
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (url.pathname === "/callback") {
      arrivals.push({ method: request.method ?? "", parameters: await parametersOf(request, url) });
      response.end(document("Back at the client", ""));
      return;
    }
    const target = (url.searchParams.get("to") ?? "").replaceAll("&", "&amp;");
    response.end(document("The client", `<a href="${target}">Connect</a>`));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    redirectUri: `${origin}/callback`,
    startPage: (authorizationUrl) => `${origin}/?${new URLSearchParams({ to: authorizationUrl })}`,
    takeArrivals() {
      const taken = arrivals;
      arrivals = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
