import { type Command, InvalidArgumentError } from "commander";
import { retryParked } from "../../application/commands/retry-parked.ts";
import { type Parked, parkedIn } from "../../application/projector/parking.ts";
import { countEvents, maxCounted, projectionStatus } from "../../application/queries/projection-status.ts";
import type { Runtime } from "../compose.ts";
import { CommandError } from "./command-error.ts";
import { addSettings, dataSettings } from "./options.ts";
import { progressBar } from "./progress.ts";
import { operator, print, printRows, withRuntime } from "./run.ts";

const second = 1_000;
const isolated = { projects: false };

/** How many events a second the read models take in now, watched for a second. */
async function rateOf({ store, readModels, context: { clock } }: Runtime): Promise<number> {
  const started = clock.monotonic();
  const { position } = await readModels.checkpoint();
  await clock.sleep(second);
  const { position: reached } = await readModels.checkpoint();
  const { count } = await countEvents(store, position, reached);
  return Math.round((count * second) / (clock.monotonic() - started));
}

async function status(runtime: Runtime, asJson: boolean | undefined): Promise<void> {
  const { store, readModels, context } = runtime;
  const { position, end, lagEvents, lag, parked } = await projectionStatus(
    store,
    readModels,
    context.clock.now(),
  );
  const before = await readModels.checkpoint();
  const rate = await rateOf(runtime);
  const after = await readModels.checkpoint();
  const isBeating = after.heartbeats.every((heartbeat, part) => heartbeat > (before.heartbeats[part] ?? 0));
  print(
    {
      projector: isBeating ? "running" : "not running, or behind",
      position: String(position),
      end_of_log: String(end),
      lag_events: lagEvents >= maxCounted ? `${maxCounted} or more` : lagEvents,
      lag_seconds: Math.round(lag / 100) / 10,
      events_per_second: rate,
      parked_streams: parked.length,
    },
    asJson,
  );
}

const rowOf = ({ stream, revision, type, reason, since }: Parked) => ({
  stream,
  revision,
  event: type,
  since: new Date(since).toISOString(),
  reason,
});

async function retry(
  { context, readModels }: Runtime,
  stream: string | undefined,
  asJson: boolean | undefined,
): Promise<void> {
  const before = await parkedIn(readModels);
  if (stream !== undefined && !before.has(stream))
    throw new CommandError(`The stream ${stream} is not parked.`);
  await retryParked(context, stream ?? null, operator());
  const left = await parkedIn(readModels);
  const tried = stream === undefined ? [...before.keys()] : [stream];
  const failed = tried.filter((name) => left.has(name));
  print({ mended: tried.length - failed.length, still_parked: failed.length }, asJson);
  if (failed.length > 0) process.exitCode = 1;
}

async function rebuild(
  { projector, store, context: { clock } }: Runtime,
  asJson: boolean | undefined,
): Promise<void> {
  const stopping = new AbortController();
  const stop = () => stopping.abort(new CommandError("Stopped; the next rebuild goes on from here."));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const started = clock.monotonic();
  const end = await store.lastPosition();
  const bar = asJson ? undefined : progressBar("Rebuilding", Number(end));
  let first: bigint | undefined;
  let reached = 0n;
  try {
    await projector.rebuild(stopping.signal, (position) => {
      first ??= position;
      reached = position;
      bar?.update(Number(position));
    });
  } finally {
    bar?.stop();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
  const seconds = (clock.monotonic() - started) / second;
  const { count } = await countEvents(store, first ?? 0n, reached);
  print(
    {
      position: String(reached),
      events: count >= maxCounted ? `${maxCounted} or more` : count,
      seconds: Math.round(seconds * 10) / 10,
    },
    asJson,
  );
}

/** dacapo projector …: how the read models stand, and how they are mended. */
export function addProjectorCommands(program: Command): void {
  const projector = program
    .command("projector")
    .description("the read models: how they stand, how they are mended");
  const sub = (name: string, description: string) =>
    addSettings(projector.command(name).description(description), dataSettings).option(
      "--json",
      "print JSON",
    );

  sub("status", "position, lag, rate, and what is parked").action(({ json }, command: Command) =>
    withRuntime(command, (runtime) => status(runtime, json), isolated),
  );
  sub("parked", "streams that hold an event which cannot be projected").action(({ json }, command: Command) =>
    withRuntime(
      command,
      async ({ readModels }) => printRows([...(await parkedIn(readModels)).values()].map(rowOf), json),
      isolated,
    ),
  );
  sub("retry [stream]", "project parked streams again: one, or all with --all")
    .option("--all", "every parked stream")
    .action((stream: string | undefined, { all, json }, command: Command) => {
      if ((stream === undefined) === (all === undefined))
        throw new InvalidArgumentError("Name either a stream or --all.");
      return withRuntime(command, (runtime) => retry(runtime, stream, json), { projects: true });
    });
  sub("rebuild", "fill the read models anew beside those that answer, then switch").action(
    ({ json }, command: Command) => withRuntime(command, (runtime) => rebuild(runtime, json), isolated),
  );
}
