import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Call, Chances, Fault, Faults } from "./faults.ts";
import { jsonEvent, type Log } from "./log.ts";
import type { Member } from "./parts.ts";

/** What a test may ask of the double. */
export type Order =
  | { readonly order: "fault"; readonly call: Call; readonly fault: Fault; readonly times: number }
  | { readonly order: "chances"; readonly chances: Chances }
  | { readonly order: "clear" }
  | { readonly order: "stop" }
  | { readonly order: "start" }
  | { readonly order: "members"; readonly members: readonly Member[] }
  | { readonly order: "clock"; readonly offset: number }
  | { readonly order: "append"; readonly stream: string; readonly type: string; readonly count: number }
  | { readonly order: "scavenge" }
  | { readonly order: "setBack"; readonly count: number }
  | { readonly order: "ids"; readonly stream: string };

export interface Controlled {
  readonly log: Log;
  readonly faults: Faults;
  /** Closes all connections and listens no more; the log stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
  setMembers(members: readonly Member[]): void;
}

/** Takes orders by HTTP on the loopback interface; answers its port. */
export async function control(controlled: Controlled): Promise<number> {
  const server = createServer(async (request, response) => {
    try {
      const answer = await obey(controlled, (await json(request)) as Order);
      response.end(JSON.stringify(answer ?? null));
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function obey(controlled: Controlled, order: Order): Promise<unknown> {
  const { log, faults } = controlled;
  switch (order.order) {
    case "fault":
      return faults.add(order.call, order.fault, order.times);
    case "chances":
      return faults.setChances(order.chances);
    case "clear":
      return faults.clear();
    case "stop":
      return controlled.stop();
    case "start":
      return controlled.start();
    case "members":
      return controlled.setMembers(order.members);
    case "clock":
      log.clockOffset = order.offset;
      return;
    case "append":
      return foreign(log, order.stream, order.type, order.count);
    case "scavenge":
      return log.scavenge();
    case "setBack":
      return log.setBack(order.count);
    case "ids":
      return log.all.filter(({ stream }) => stream === order.stream).map(({ id }) => id);
  }
}

function foreign(log: Log, stream: string, type: string, count: number): void {
  const events = Array.from({ length: count }, () => jsonEvent(type, "{}"));
  log.append(stream, events, "any");
}
