import { createLog, type Log } from "../../application/log.ts";
import type { EventStore } from "../../application/ports/event-store.ts";
import type { ReadModels } from "../../application/ports/read-models.ts";
import {
  createProjector,
  type Projector,
  type ProjectorEvents,
} from "../../application/projector/projector.ts";
import { createVisibility, type Visibility } from "../../application/visibility.ts";
import type { User } from "../../domain/user/user.ts";
import { systemClock as clock } from "../../infrastructure/clock.ts";
import { openEphemeralEventStore } from "../../infrastructure/event-store/sqlite/index.ts";
import { openSqliteReadModels } from "../../infrastructure/read-models/sqlite/sqlite-read-models.ts";

/** A log and read models in memory, and what carries events from one to the other. */
export interface Projection extends AsyncDisposable {
  readonly store: EventStore;
  readonly readModels: ReadModels;
  readonly log: Log;
  readonly visibility: Visibility;
  /** What projectors told of failures. */
  readonly failures: unknown[];
  /** Streams that projectors parked. */
  readonly parked: string[];
  /** Stops everything that was started with its signal. */
  readonly stopping: AbortController;
  projector(over?: ReadModels, from?: EventStore): Projector;
  /** Appends the next event of the one user; the epoch is its revision. */
  appendUser(epoch: number): Promise<bigint>;
}

export const metadata = { actor: "system", correlationId: "test" };

/** How long projectors wait after read models moved to another server, ms. */
export const maxStaleness = 400;

export const user = (epoch: number): User => ({
  userId: "u_1",
  username: "sealed",
  usernameIndex: "i".repeat(43),
  passwordHash: "$argon2id$hash",
  scopes: ["read"],
  epoch,
  status: "active",
  registeredAt: 0,
});

/** The epoch of the one user as these read models hold it. */
export const epochIn = async (models: ReadModels): Promise<unknown> =>
  (await models.getMany([{ collection: "users", id: "u_1" }]))[0]?.epoch;

/** Sets it up, empty. */
export async function openProjection(): Promise<Projection> {
  const store = await openEphemeralEventStore();
  const readModels = openSqliteReadModels({ file: ":memory:", logId: store.logId, generation: "g" });
  const log = createLog(store, { newEventId: () => crypto.randomUUID() });
  const visibility = createVisibility(readModels, clock);
  const failures: unknown[] = [];
  const parked: string[] = [];
  const stopping = new AbortController();
  const events: ProjectorEvents = {
    advanced: visibility.advanced,
    kept: () => undefined,
    failed: (error) => failures.push(error),
    parked: ({ stream }) => parked.push(stream),
  };
  return {
    store,
    readModels,
    log,
    visibility,
    failures,
    parked,
    stopping,
    projector: (over = readModels, from = store) => createProjector(from, over, clock, events, maxStaleness),
    async appendUser(epoch) {
      const type = epoch === 0 ? "user.registered" : "user.password_changed";
      const data = epoch === 0 ? { user: user(0) } : { user: user(epoch), at: epoch };
      return (await log.append("user-u_1", [{ type, data }], epoch - 1, metadata)).position;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await store.close();
      await readModels.close();
    },
  };
}
