import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Order } from "./control.ts";
import type { Call, Chances, Fault } from "./faults.ts";
import type { Member } from "./parts.ts";
import type { DoubleTls } from "./server.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

/** A double of EventStoreDB, running in a process of its own. */
export interface EventStoreDouble extends AsyncDisposable {
  /** For clients. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** The next calls of this sort meet the fault, each once. */
  fault(call: Call, fault: Fault, times?: number): Promise<void>;
  /** Appends meet faults by chance, until `clearFaults`. */
  setChances(chances: Chances): Promise<void>;
  clearFaults(): Promise<void>;
  /** Closes all connections and listens no more; the log stays. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
  /** `stop` and `start`: every connection breaks once. */
  restart(): Promise<void>;
  /** What gossip tells of the cluster. */
  setMembers(members: readonly Member[]): Promise<void>;
  /** Sets the server's clock this far ahead, in milliseconds. */
  setClockOffset(milliseconds: number): Promise<void>;
  /** Appends events as somebody else. */
  append(stream: string, count?: number, type?: string): Promise<void>;
  /** Ids of all events of a stream, hidden ones too. The name is the one in the database. */
  ids(stream: string): Promise<readonly string[]>;
  /** Removes what was deleted, as an operator schedules it. */
  scavenge(): Promise<void>;
  /** Takes the last events of the log away, of whatever stream. */
  setBack(count: number): Promise<void>;
  /** Ends the process; the log is gone. */
  kill(): Promise<void>;
}

export interface DoubleOptions {
  /** False for an old server, that offers no BatchAppend. */
  readonly batch?: boolean;
  readonly tls?: DoubleTls;
}

/** Starts it. */
export async function startEventStoreDouble({
  batch = true,
  tls,
}: DoubleOptions = {}): Promise<EventStoreDouble> {
  const args = [...(batch ? [] : ["no-batch"]), ...(tls ? [`tls=${JSON.stringify(tls)}`] : [])];
  const child = spawn(process.execPath, [main, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const [line] = await once(createInterface(child.stdout), "line");
  const { port, controlPort } = JSON.parse(line);

  async function ask(order: Order): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${controlPort}`, {
      method: "POST",
      body: JSON.stringify(order),
    });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  }
  const tell = async (order: Order): Promise<void> => {
    await ask(order);
  };
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  return {
    url: `esdb://127.0.0.1:${port}${tls ? "" : "?tls=false"}`,
    port,
    pid: child.pid ?? 0,
    fault: (call, fault, times = 1) => tell({ order: "fault", call, fault, times }),
    setChances: (chances) => tell({ order: "chances", chances }),
    clearFaults: () => tell({ order: "clear" }),
    stop: () => tell({ order: "stop" }),
    start: () => tell({ order: "start" }),
    restart: async () => {
      await tell({ order: "stop" });
      await tell({ order: "start" });
    },
    setMembers: (members) => tell({ order: "members", members }),
    setClockOffset: (offset) => tell({ order: "clock", offset }),
    append: (stream, count = 1, type = "foreign") => tell({ order: "append", stream, type, count }),
    ids: async (stream) => (await ask({ order: "ids", stream })) as readonly string[],
    scavenge: () => tell({ order: "scavenge" }),
    setBack: (count) => tell({ order: "setBack", count }),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
