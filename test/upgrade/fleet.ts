import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EventStore, StoredEvent } from "../../application/ports/event-store.ts";
import { generateMasterKey } from "../../infrastructure/crypto/key-ring.ts";
import { openEventStoreDb } from "../../infrastructure/event-store/eventstoredb/index.ts";
import { openSqliteEventStore } from "../../infrastructure/event-store/sqlite/index.ts";
import { DacapoProcess } from "../faults/dacapo-process.ts";
import type { Target } from "../faults/driver.ts";
import { factsOf } from "../support/command-output.ts";
import { startEventStoreDouble } from "../support/eventstore-double/index.ts";
import { freePort } from "../support/free-port.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { type CliResult, runCli } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import type { Backend } from "./balancer.ts";

/** A `serve --no-worker`, and how it is reached without a balancer. */
export interface Server extends Backend {
  readonly process: DacapoProcess;
}

/** Which sources a process runs, and what it is told beside the settings of all. */
export interface ProcessOptions {
  readonly sources?: string;
  readonly flags?: readonly string[];
}

/** Processes on one log, of one version or of several; all that was started ends with it. */
export interface Fleet extends AsyncDisposable {
  readonly dataDir: string;
  readonly redis: RedisServer | undefined;
  /** A client that gets tokens for itself. */
  readonly machine: { readonly id: string; readonly secret: string };
  worker(name: string, options?: ProcessOptions): Promise<DacapoProcess>;
  server(name: string, options?: ProcessOptions): Promise<Server>;
  /** What clients know who ask at this address. */
  targetAt(url: string): Target;
  cli(args: readonly string[], input?: string): Promise<CliResult>;
  readLog(): Promise<readonly StoredEvent[]>;
  /** Ends that nobody asked for. */
  crashes(): readonly string[];
}

/** All in files that the processes share, or EventStoreDB and Redis. */
export type EnginesKind = "embedded" | "remote";

/** How long (s) an answer may rest on read models that lag. */
export const maxStalenessSeconds = 2;
/** Each caller signs in, and the same person. */
export const maxSessionsPerUser = 100;

const env = {
  DACAPO_RATE_LIMIT: "off",
  DACAPO_MCP: "no",
  DACAPO_LOG_LEVEL: "error",
  DACAPO_MAX_SESSIONS_PER_USER: String(maxSessionsPerUser),
  DACAPO_MAX_STALENESS_SECONDS: String(maxStalenessSeconds),
};
const timeout = 12_000;

const field = (output: string, name: string): string =>
  new RegExp(`^${name}: (\\S+)$`, "m").exec(output)?.[1] ?? "";

async function wholeLog(store: EventStore): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await store.readAll(events.at(-1)?.position ?? 0n, 1_000);
    if (page.length === 0) return events;
    events.push(...page);
  }
}

/** Starts the engines; the processes are up to the caller, a worker first. */
export async function startFleet(kind: EnginesKind): Promise<Fleet> {
  const started = new AsyncDisposableStack();
  try {
    return await start(started, kind);
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

async function start(started: AsyncDisposableStack, kind: EnginesKind): Promise<Fleet> {
  const dataDir = started.use(temporaryFolder()).path;
  writeFileSync(join(dataDir, "master.key"), generateMasterKey(), { mode: 0o600 });
  const [store, redis] =
    kind === "remote"
      ? await Promise.all([
          startEventStoreDouble().then((double) => started.use(double)),
          startRedisServer().then((server) => started.use(server)),
        ])
      : [];
  const issuer = `http://localhost:${await freePort()}`;
  const common = [
    ...["--data-dir", dataDir, "--issuer", issuer],
    ...(store && redis ? ["--eventstore-url", store.url, "--redis-url", redis.url] : []),
  ];
  const processes: DacapoProcess[] = [];
  let machine = { id: "", secret: "" };
  let facts = { clientId: "", introspection: { id: "", secret: "" } };

  async function run(name: string, command: string, ready: RegExp, options: ProcessOptions, flags: string[]) {
    const args = [command, ...common, ...flags, ...(options.flags ?? [])];
    const { sources } = options;
    const process = new DacapoProcess({ name, args, ready, env, ...(sources ? { sources } : {}) });
    processes.push(started.use(process));
    await process.start();
    return process;
  }

  const cli = (args: readonly string[], input = "") => runCli([...args, ...common], { input });

  return {
    dataDir,
    redis,
    get machine() {
      return machine;
    },
    worker: (name, options = {}) => run(name, "worker", /projector and jobs are running/, options, []),
    async server(name, options = {}) {
      const port = await freePort();
      const flags = ["--demo", "--no-worker", "--port", String(port)];
      const process = await run(name, "serve", /Introspection secret: \S+/, options, flags);
      if (machine.id === "") {
        const printed = process.output();
        const introspection = {
          id: field(printed, "Introspection ID"),
          secret: field(printed, "Introspection secret"),
        };
        facts = { clientId: field(printed, "Client ID"), introspection };
        const created = factsOf(
          await cli(["client", "create", "--name", "Machine", "--type", "confidential", "--json"]),
        );
        machine = { id: created.client_id ?? "", secret: created.client_secret ?? "" };
      }
      return { name, port, process };
    },
    targetAt: (url) => ({ issuer: url, ...facts, timeout }),
    cli,
    async readLog() {
      const log = store
        ? await openEventStoreDb({ url: store.url })
        : await openSqliteEventStore({ file: join(dataDir, "log.db") });
      return await wholeLog(log).finally(() => log.close());
    },
    crashes: () => processes.flatMap(({ crashes }) => crashes),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
