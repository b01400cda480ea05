import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A server behind the balancer. */
export interface Backend {
  readonly name: string;
  readonly port: number;
}

/**
 * A balancer as there are many: it asks each server for /readyz, sends requests in turn to those that are ready, keeps
 * connections to them, and tries nothing twice.
 */
export interface Balancer extends AsyncDisposable {
  readonly url: string;
  /** What it could not pass on, or got no answer to. */
  readonly failures: readonly string[];
  add(backend: Backend): void;
  /** Sends it nothing any more, and waits for the answers that are due. */
  drain(backend: Backend): Promise<void>;
  /** Waits until this server is ready for requests. @throws after 30 s */
  untilReady(backend: Backend): Promise<void>;
  /** Waits until one more answer came from this server. @throws after 30 s */
  untilAnswering(backend: Backend): Promise<void>;
}

/** Why a server is not ready; undefined where it is. */
async function faultOf({ port }: Backend, timeout: number): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(timeout);
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal });
    return response.status === 200 ? undefined : await response.text();
  } catch (error) {
    return String((error as Error).cause ?? error);
  }
}

interface State {
  /** Why it gets no requests; undefined where it does. */
  fault: string | undefined;
  /** Requests that were not answered to the end yet. */
  underWay: number;
  readonly agent: Agent;
}

/** Starts it; `interval` is the time (ms) between two questions for readiness. */
export async function startBalancer(backends: readonly Backend[], interval: number): Promise<Balancer> {
  const known = new Map<Backend, State>();
  const failures: string[] = [];
  const answers = new Map<string, number>();
  const stopping = new AbortController();
  let turn = 0;

  function next(): [Backend, State] | undefined {
    const ready = [...known].filter(([, { fault }]) => fault === undefined);
    turn += 1;
    return ready[turn % ready.length];
  }

  function fail(response: ServerResponse, why: string): void {
    if (!stopping.signal.aborted) failures.push(why);
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  }

  function pass(incoming: IncomingMessage, response: ServerResponse): void {
    const chosen = next();
    if (!chosen) {
      const faults = [...known].map(([{ name }, { fault }]) => `${name}: ${fault}`);
      fail(response, `no server is ready: ${faults.join("; ")}`);
      return;
    }
    const [{ name, port }, state] = chosen;
    const { agent } = state;
    const { method = "GET", url = "/", headers } = incoming;
    const { connection: _hop, ...passed } = headers;
    const outgoing = request({ host: "127.0.0.1", port, method, path: url, headers: passed, agent });
    state.underWay += 1;
    outgoing.once("close", () => {
      state.underWay -= 1;
    });
    outgoing.on("response", (answer) => {
      answers.set(name, (answers.get(name) ?? 0) + 1);
      const { connection: _ours, "keep-alive": _hint, ...told } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, told);
      answer.pipe(response);
      answer.on("error", ({ message }) => fail(response, `${name}: ${message} in the middle of an answer`));
    });
    outgoing.on("error", ({ message }) => fail(response, `${name}: ${message} at ${method} ${url}`));
    incoming.pipe(outgoing);
  }

  async function watch(backend: Backend): Promise<void> {
    for (;;) {
      const state = known.get(backend);
      if (!state || stopping.signal.aborted) return;
      state.fault = await faultOf(backend, 1_000);
      await sleep(interval, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  function add(backend: Backend): void {
    known.set(backend, { fault: "not asked yet", underWay: 0, agent: new Agent({ keepAlive: true }) });
    void watch(backend);
  }

  const answersOf = ({ name }: Backend): number => answers.get(name) ?? 0;

  async function until(backend: Backend, isTrue: () => boolean): Promise<void> {
    for (let n = 0; n < 1_500; n += 1) {
      if (known.has(backend) && isTrue()) return;
      await sleep(20);
    }
    throw new Error(`${backend.name} is not used: ${known.get(backend)?.fault}`);
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, pass).listen(0, "127.0.0.1");
  await once(server, "listening");
  for (const backend of backends) add(backend);
  const balancer: Balancer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failures,
    add,
    async drain(backend) {
      const state = known.get(backend);
      known.delete(backend);
      while (state && state.underWay > 0) await sleep(20);
    },
    untilReady: (backend) => until(backend, () => known.get(backend)?.fault === undefined),
    async untilAnswering(backend) {
      const before = answersOf(backend);
      await until(backend, () => answersOf(backend) > before);
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      server.closeAllConnections();
      server.close();
      for (const { agent } of known.values()) agent.destroy();
      await once(server, "close");
    },
  };
  for (const backend of backends) await balancer.untilReady(backend);
  return balancer;
}
