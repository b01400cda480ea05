import { type Command, InvalidArgumentError } from "commander";
import { collections, compare, type Difference } from "../../../application/audit/replay/compare.ts";
import { createReference } from "../../../application/audit/replay/compare-reference.ts";
import { countDocuments, foldLog, positionAt } from "../../../application/audit/replay/replay.ts";
import type { EventStore } from "../../../application/ports/event-store.ts";
import type { ReadModels } from "../../../application/ports/read-models.ts";
import { systemClock as clock } from "../../../infrastructure/clock.ts";
import type { Config } from "../../../infrastructure/config/schema.ts";
import { shown } from "../../../infrastructure/config/shown.ts";
import { hasLog, openEngines } from "../../engines.ts";
import { CommandError } from "../command-error.ts";
import { configOf } from "../options.ts";
import { progressBar } from "../progress.ts";
import { print } from "../run.ts";
import { openScratch, openTarget } from "./models.ts";
import { countsShown, differenceLine, rateOf } from "./print.ts";

export interface ReplayOptions {
  readonly to?: bigint;
  readonly at?: number;
  readonly into?: string;
  readonly json?: boolean;
}

/** What every kind of replay works with. */
interface Replay {
  readonly config: Config;
  readonly store: EventStore;
  readonly live: ReadModels;
  readonly signal: AbortSignal;
  readonly asJson: boolean | undefined;
}

/** When a bar is shown, in milliseconds. */
export const patience = 2_000;
/** How many differences JSON holds; all are counted. */
const maxInJson = 1_000;
/** The exit code where something differs. */
const differs = 3;

/** Runs work with a bar that shows how far in the log it is. */
export async function withBar<Result>(
  what: string,
  total: bigint,
  work: (progress: (position: bigint) => void) => Promise<Result>,
): Promise<Result> {
  const bar = progressBar(what, Number(total), { delay: patience });
  try {
    return await work((position) => bar.update(Number(position)));
  } finally {
    bar.stop();
  }
}

/** The position that an instant means: before the first event that is later. @throws {InvalidArgumentError} for one to come */
export async function positionOf(store: EventStore, instant: number, signal: AbortSignal): Promise<bigint> {
  if (instant > clock.now()) throw new InvalidArgumentError("That time is still to come.");
  return await withBar("Searching", await store.lastPosition(), (progress) =>
    positionAt(store, instant, { signal, progress }),
  );
}

/** Where the fold is to end; undefined where nobody said. @throws {InvalidArgumentError} */
async function destination(
  { store, signal }: Replay,
  { to, at }: ReplayOptions,
): Promise<bigint | undefined> {
  if (at !== undefined) return await positionOf(store, at, signal);
  const end = await store.lastPosition();
  if (to !== undefined && to > end)
    throw new InvalidArgumentError(`The log ends at position ${end}: there is no ${to} yet.`);
  return to;
}

async function fill({ config, store, signal, asJson }: Replay, into: string, to: bigint): Promise<void> {
  const target = await openTarget(into, config, store);
  try {
    const { position } = await target.models.checkpoint();
    if (position > to)
      throw new CommandError(`The read models there hold position ${position} already, beyond ${to}.`);
    const started = performance.now();
    const { from, events } = await withBar("Replaying", to, (progress) =>
      foldLog(store, target.models, to, { signal, progress }),
    );
    const rate = rateOf(events, started);
    const documents = countsShown(await countDocuments(target.models, collections), asJson);
    print(
      { position: String(to), taken_up_at: String(from), ...rate, documents, into: shown(into).slice(1, -1) },
      asJson,
    );
  } finally {
    await target.close();
  }
}

async function fold({ store, signal, asJson }: Replay, to: bigint): Promise<void> {
  const scratch = openScratch(store.logId);
  try {
    const started = performance.now();
    const { events } = await withBar("Replaying", to, (progress) =>
      foldLog(store, scratch.models, to, { signal, progress }),
    );
    const rate = rateOf(events, started);
    const documents = countsShown(await countDocuments(scratch.models, collections), asJson);
    print(
      { position: String(to), ...rate, documents, compared: "no: the live read models are elsewhere" },
      asJson,
    );
  } finally {
    await scratch.close();
  }
}

/** @throws {CommandError} where there is nothing to compare with */
async function requireLive({ live, store }: Replay): Promise<bigint> {
  const { position, heartbeats } = await live.checkpoint();
  if (heartbeats.every((count) => count > 0) || (await store.lastPosition()) === 0n) return position;
  throw new CommandError(
    "There are no live read models of this version to compare with, or they are being built: start the server first.",
  );
}

async function compareLive(replay: Replay): Promise<void> {
  const { store, live, signal, asJson } = replay;
  const position = await requireLive(replay);
  const scratch = openScratch(store.logId);
  const told: Difference[] = [];
  try {
    const reference = createReference(store, scratch.models);
    const started = performance.now();
    const { events } = await withBar("Replaying", position, (progress) =>
      reference.foldTo(position, { signal, progress }),
    );
    const rate = rateOf(events, started);
    const found = (difference: Difference) => {
      if (!asJson) console.log(differenceLine(difference));
      else if (told.length < maxInJson) told.push(difference);
    };
    const comparison = await compare({ reference, live, clock }, found, signal);
    const { compared, indexValues: index_values, differences } = comparison;
    const facts = { position: String(comparison.position), end_of_log: String(await store.lastPosition()) };
    const counts = { compared: countsShown(compared, asJson), index_values, differences };
    print(
      { ...facts, ...rate, events: reference.events(), ...counts, ...(asJson ? { found: told } : {}) },
      asJson,
    );
    if (differences > 0) process.exitCode = differs;
  } finally {
    await scratch.close();
  }
}

/** Folds the log, and compares what comes of it with the live read models, or leaves it in another place. */
export async function replayLog(command: Command, options: ReplayOptions): Promise<void> {
  const config = configOf(command);
  if (config.ephemeral) throw new CommandError("A log in memory can be read by its own server only.");
  if (!hasLog(config)) throw new CommandError(`There is no log in ${config.dataDir}.`);
  const stopping = new AbortController();
  const hint =
    options.into === undefined ? "Stopped." : "Stopped; the next replay into there goes on from here.";
  const stop = () => stopping.abort(new CommandError(hint));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const { store, readModels: live } = await openEngines(config, "command");
  const replay: Replay = { config, store, live, signal: stopping.signal, asJson: options.json };
  try {
    const to = await destination(replay, options);
    if (options.into !== undefined)
      return await fill(replay, options.into, to ?? (await store.lastPosition()));
    if (to === undefined || to === (await live.checkpoint()).position) return await compareLive(replay);
    await fold(replay, to);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    await live.close();
    await store.close();
  }
}
