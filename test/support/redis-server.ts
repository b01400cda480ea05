import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";
import { redisBinary } from "./redis-binary.ts";
import { temporaryFolder } from "./temporary-folder.ts";

type Argument = string | number | Buffer;

/** A Redis in a process of its own, on the loopback interface. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Sends one command over a connection of its own. */
  call(command: string, ...args: Argument[]): Promise<unknown>;
  /** The same, with an answer of bytes. */
  callBytes(command: string, ...args: Argument[]): Promise<unknown>;
  /** Ends it, as a crash does unless told otherwise; what was saved is there after `start`. */
  stop(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
  start(): Promise<void>;
  /** Lets it hang: connections stay, nothing is answered. */
  pause(): void;
  resume(): void;
}

export interface RedisServerOptions {
  readonly port?: number;
  readonly password?: string;
  /** More lines of its configuration. */
  readonly config?: readonly string[];
  readonly isSentinel?: boolean;
}

/** Starts a server that saves nothing unless it is told to. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { port = await freePort(), password, config = [], isSentinel = false } = options;
  const folder = temporaryFolder();
  const file = join(folder.path, "redis.conf");
  const lines = [`port ${port}`, "bind 127.0.0.1", `dir ${folder.path}`, ...config];
  if (!isSentinel) lines.push('save ""');
  if (password !== undefined) lines.push(`requirepass ${password}`, `masterauth ${password}`);
  writeFileSync(file, `${lines.join("\n")}\n`);
  let child: ChildProcess | undefined;

  async function send(form: "call" | "callBuffer", command: string, args: Argument[]): Promise<unknown> {
    const client = new Redis({
      port,
      ...(password === undefined ? {} : { password }),
      lazyConnect: true,
      retryStrategy: () => null,
      enableReadyCheck: false,
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return await client[form](command, args);
    } finally {
      client.disconnect();
    }
  }

  const call = (command: string, ...args: Argument[]) => send("call", command, args);

  async function untilAnswering(started: ChildProcess): Promise<void> {
    for (let n = 0; n < 500; n++) {
      if (started.exitCode !== null) throw new Error(`redis-server ended with code ${started.exitCode}`);
      if ((await call("PING").catch(() => undefined)) === "PONG") return;
      await sleep(20);
    }
    throw new Error("redis-server does not answer");
  }

  const server: RedisServer = {
    port,
    url: `redis://${password === undefined ? "" : `:${password}@`}127.0.0.1:${port}`,
    call,
    callBytes: (command, ...args) => send("callBuffer", command, args),
    async start() {
      child = spawn(redisBinary(), [file, ...(isSentinel ? ["--sentinel"] : [])], { stdio: "ignore" });
      await untilAnswering(child);
    },
    async stop(signal = "SIGKILL") {
      const running = child;
      child = undefined;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      const ended = once(running, "exit");
      running.kill(signal);
      running.kill("SIGCONT");
      await ended;
    },
    pause: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    async [Symbol.asyncDispose]() {
      await server.stop();
      folder[Symbol.dispose]();
    },
  };
  await server.start();
  return server;
}
