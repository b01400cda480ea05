import { expect } from "vitest";
import type { ListQuery, ReadModels } from "../../../application/ports/read-models.ts";

/** A place for read models, empty at first, to which several processes may connect. */
export interface Place {
  /**
   * False where the read models have parts that move one after another: then a reader may meet two states at once, and
   * both of two racers may have applied a batch.
   */
  readonly isOneState?: boolean;
  connect(): Promise<ReadModels>;
  /** Loses everything, behind the back of who is connected. */
  lose(): Promise<void>;
  remove(): Promise<void>;
}

/** Two processes at one place, and short ways to ask them. */
export interface World {
  readonly place: Place;
  readonly models: ReadModels;
  readonly other: ReadModels;
}

/** Connects as a process does: it asks for the checkpoint before anything else. */
export async function connect(place: Place): Promise<ReadModels> {
  const models = await place.connect();
  await models.checkpoint();
  return models;
}

/** Beats for the incarnation that answers now. */
export const beat = async (models: ReadModels, at: bigint): Promise<boolean> =>
  models.beat(at, (await models.checkpoint()).incarnation);

/** The document of the collection `grants`. */
export const get = async (models: ReadModels, id: string) =>
  (await models.getMany([{ collection: "grants", id }]))[0];

export const ids = async (models: ReadModels, query: ListQuery, collection = "grants") =>
  (await models.list(collection, query)).map(({ id }) => id);

/** Cleans until nothing is left to clean, in bounded steps; answers how many documents went. */
export async function cleanAll(models: ReadModels, now: number, limit: number): Promise<number> {
  let removed = 0;
  for (;;) {
    const step = await models.clean(now, limit);
    expect(step).toBeLessThanOrEqual(limit);
    if (step === 0) return removed;
    removed += step;
  }
}
