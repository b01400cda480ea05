import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on this machine that publishes the document which describes a client. */
export interface ClientDocument extends AsyncDisposable {
  /** The client's id. */
  readonly url: string;
  /** How often the document was fetched. */
  fetches(): number;
  /** Publishes another one from now on. */
  publish(document: (clientId: string) => unknown): void;
}

/** Publishes a document. */
export async function serveClientDocument(
  document: (clientId: string) => unknown,
  headers: Readonly<Record<string, string>> = { "cache-control": "max-age=60" },
): Promise<ClientDocument> {
  let published = document;
  let fetches = 0;
  const server = createServer((_request, response) => {
    fetches += 1;
    response.writeHead(200, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(published(url)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/client.json`;
  return {
    url,
    fetches: () => fetches,
    publish: (next) => {
      published = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
