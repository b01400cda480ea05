import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generateMasterKey } from "../../infrastructure/crypto/key-ring.ts";
import { type EventStoreDouble, startEventStoreDouble } from "../support/eventstore-double/index.ts";
import { freePort } from "../support/free-port.ts";
import { type CliResult, runCli } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { DacapoProcess } from "./dacapo-process.ts";
import type { Target } from "./driver.ts";
import { type RedisKind, type RedisPlace, startRedisPlace } from "./redis-place.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** A server of a deployment: its process, and how clients see it. */
export interface Api {
  readonly process: DacapoProcess;
  readonly target: Target;
  /** Its own way to Redis; only where the deployment was asked for such. */
  readonly wayToRedis: TcpProxy | undefined;
}

/** Servers and workers over one EventStoreDB and one Redis, all on this machine. */
export interface Deployment extends AsyncDisposable {
  readonly apis: readonly Api[];
  readonly workers: readonly DacapoProcess[];
  readonly store: EventStoreDouble;
  readonly redis: RedisPlace;
  /** The way of all workers to Redis; only where the deployment was asked for such. */
  readonly workersWay: TcpProxy | undefined;
  /** A client that gets tokens for itself. */
  readonly machine: { readonly id: string; readonly secret: string };
  /** Runs the command line on the deployment's data. */
  cli(args: readonly string[], input?: string): Promise<CliResult>;
  /** Another server that clients of a load do not know; the deployment ends it. */
  extraApi(nodeOptions: readonly string[]): Promise<Api>;
  /** Waits until every server says that it is ready. */
  untilReady(): Promise<void>;
  /** Ends that nobody asked for. */
  crashes(): readonly string[];
}

export interface DeploymentOptions {
  readonly apis?: number;
  readonly workers?: number;
  readonly redis?: RedisKind;
  /** Lines of configuration for a single Redis. */
  readonly redisConfig?: readonly string[];
  /** Whether each server, and the workers, reach Redis by a way of their own, that can be cut and led elsewhere. */
  readonly areCuttable?: boolean;
}

const timeout = 12_000;
const env = { DACAPO_RATE_LIMIT: "off", DACAPO_MCP: "no" };

const field = (output: string, name: string): string =>
  new RegExp(`^${name}: (\\S+)$`, "m").exec(output)?.[1] ?? "";

async function isReady({ target }: Api): Promise<boolean> {
  const response = await fetch(`${target.issuer}/readyz`, { signal: AbortSignal.timeout(1_000) }).catch(
    () => undefined,
  );
  return response?.status === 200;
}

/** Starts all of it; what was started ends also where that fails. */
export async function startDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const started = new AsyncDisposableStack();
  try {
    return await start(started, options);
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

async function start(
  started: AsyncDisposableStack,
  { apis: apiCount = 2, workers: workerCount = 2, redis: kind = "single", ...options }: DeploymentOptions,
): Promise<Deployment> {
  const folder = started.use(temporaryFolder());
  const [store, redis] = await Promise.all([
    startEventStoreDouble().then((double) => started.use(double)),
    startRedisPlace(kind, options.redisConfig).then((place) => started.use(place)),
  ]);
  writeFileSync(join(folder.path, "master.key"), generateMasterKey(), { mode: 0o600 });
  const issuer = `http://localhost:${await freePort()}`;
  const way = async () => (options.areCuttable ? started.use(await startTcpProxy(redis.port)) : undefined);
  const urlBy = (own: TcpProxy | undefined) => (own ? `redis://127.0.0.1:${own.port}` : redis.url);
  const flags = (redisUrl = redis.url) => [
    ...["--data-dir", folder.path, "--issuer", issuer, "--log-level", "error"],
    ...["--eventstore-url", store.url, "--redis-url", redisUrl],
  ];

  const workersWay = await way();
  const workers = Array.from({ length: workerCount }, (_, number) =>
    started.use(
      new DacapoProcess({
        name: `worker ${number}`,
        args: ["worker", ...flags(urlBy(workersWay))],
        ready: /worker: projector and jobs are running/,
      }),
    ),
  );

  async function startApi(name: string, nodeOptions: readonly string[] = []): Promise<Api> {
    const wayToRedis = await way();
    const port = await freePort();
    const args = ["serve", "--demo", "--no-worker", "--port", String(port), ...flags(urlBy(wayToRedis))];
    const ready = /Introspection secret: \S+/;
    const process = started.use(new DacapoProcess({ name, args, ready, env, nodeOptions }));
    await process.start();
    const printed = process.output();
    const introspection = {
      id: field(printed, "Introspection ID"),
      secret: field(printed, "Introspection secret"),
    };
    const clientId = field(printed, "Client ID");
    const target = { issuer: `http://127.0.0.1:${port}`, clientId, introspection, timeout };
    return { process, target, wayToRedis };
  }

  const cli = (args: readonly string[], input = "") => runCli([...args, ...flags()], { input });

  // The first of each alone: the others find what it has made.
  const [first, ...others] = workers;
  await first?.start();
  const api = await startApi("api 0");
  const [machine, more] = await Promise.all([
    machineBy(cli),
    Promise.all(Array.from({ length: apiCount - 1 }, (_, number) => startApi(`api ${number + 1}`))),
    ...others.map((worker) => worker.start()),
  ]);
  const apis = [api, ...more];
  return {
    apis,
    workers,
    store,
    redis,
    workersWay,
    machine,
    cli,
    extraApi: (nodeOptions) => startApi("extra api", nodeOptions),
    untilReady: () => untilReady(apis),
    crashes: () => [...workers, ...apis.map(({ process }) => process)].flatMap(({ crashes }) => crashes),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

async function machineBy(cli: Deployment["cli"]): Promise<Deployment["machine"]> {
  const { code, stdout, stderr } = await cli([
    ...["client", "create", "--name", "Machine", "--type", "confidential", "--json"],
  ]);
  if (code !== 0) throw new Error(`the client was not created: ${stderr}`);
  const { client_id: id, client_secret: secret } = JSON.parse(stdout);
  return { id, secret };
}

async function untilReady(apis: readonly Api[]): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    if ((await Promise.all(apis.map(isReady))).every(Boolean)) return;
    await sleep(50);
  }
  const outputs = apis.map(({ process }) => `${process.name}:\n${process.output().slice(-1_000)}`);
  throw new Error(`not ready again:\n${outputs.join("\n")}`);
}
