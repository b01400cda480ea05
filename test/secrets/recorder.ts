import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Ledger } from "./ledger.ts";

/** A proxy before a server, as one has in production: it says who asks, and here notes every answer byte by byte. */
export interface Recorder extends AsyncDisposable {
  readonly port: number;
}

/** Starts it before a server at this port; what it adds to a request is `headers`. */
export async function startRecorder(
  port: number,
  headers: Readonly<Record<string, string>>,
  ledger: Ledger,
): Promise<Recorder> {
  async function pass(asked: IncomingMessage, reply: ServerResponse): Promise<void> {
    const { method = "", url = "/" } = asked;
    const upstream = send({
      ...{ port, method, path: url, headers: { ...asked.headers, ...headers, connection: "close" } },
    });
    asked.pipe(upstream);
    const [answer] = (await once(upstream, "response")) as [IncomingMessage];
    const body = await buffer(answer);
    const head = answer.rawHeaders.join("\n");
    ledger.output(
      `${method} ${url.split("?")[0]} ${answer.statusCode}`,
      Buffer.concat([Buffer.from(`${head}\n\n`), body]),
    );
    reply
      .writeHead(
        answer.statusCode ?? 502,
        answer.rawHeaders.filter(
          (_, index, all) =>
            !/^(?:transfer-encoding|connection|keep-alive)$/i.test(all[index - (index % 2)] ?? ""),
        ),
      )
      .end(body);
  }
  const server = createServer((asked, reply) => {
    pass(asked, reply).catch(() => reply.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
