import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a port that can be cut and led elsewhere. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Nothing passes any more, and nobody is told: connections stay, new ones are taken and never answered. */
  cut(): void;
  isCut(): boolean;
  /** Everything passes again; what waited on a cut connection is lost with it. */
  mend(): void;
  /** Connections that were there end; new ones lead to this port. */
  leadTo(port: number): void;
}

/** Opens a way to a port of the loopback interface. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  let to = target;
  let isCut = false;
  const sockets = new Set<Socket>();

  function track(socket: Socket, partner: () => Socket | undefined): void {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      if (!isCut) partner()?.destroy();
    });
  }

  function join(near: Socket): void {
    const far = connect(to, "127.0.0.1");
    track(far, () => near);
    near.on("close", () => far.destroy());
    near.on("data", (data) => void (isCut || far.write(data)));
    far.on("data", (data) => void (isCut || near.write(data)));
  }

  const server = createServer((near) => {
    track(near, () => undefined);
    if (!isCut) join(near);
  });
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
    },
    isCut: () => isCut,
    mend() {
      endAll();
      isCut = false;
    },
    leadTo(port) {
      to = port;
      endAll();
    },
    async [Symbol.asyncDispose]() {
      endAll();
      server.close();
      await once(server, "close");
    },
  };
}
