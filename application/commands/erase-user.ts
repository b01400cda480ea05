import { type Erasure, type ErasureCommand, erasureDecider } from "../../domain/erasure/erasure.ts";
import { refusal } from "../../domain/oauth/refusal.ts";
import { type ErasedUser, type UserCommand, type UserEvent, userDecider } from "../../domain/user/user.ts";
import type { Context } from "../context.ts";
import { RefusedError } from "../errors.ts";
import { decode } from "../events/catalog.ts";
import type { ErasureList } from "../ports/erasure-list.ts";
import type { EventMetadata, EventStore, StoredEvent } from "../ports/event-store.ts";
import type { KeepLeaves } from "../ports/kept-leaves.ts";
import { streams } from "../streams.ts";
import { confirmed } from "./confirm.ts";
import { endOlderSessions } from "./manage-users.ts";

export interface ErasureDependencies
  extends Pick<Context, "handle" | "log" | "visibility" | "policy" | "clock"> {
  readonly store: Pick<EventStore, "read" | "tombstone" | "isErased">;
  readonly erasureList: ErasureList;
  readonly keepLeaves: KeepLeaves;
}

/** `requested`: everything of the person is dead. `complete`: the data cannot be read any more, by whoever has the files. */
export type ErasureState = "requested" | "complete";

const isHere = (event: StoredEvent | undefined): event is StoredEvent => event !== undefined;

/** The first and the last event of a stream; none where it is not there, or not any more. */
async function endsOf({ store }: ErasureDependencies, stream: string): Promise<readonly StoredEvent[]> {
  const [[first], [last]] = await Promise.all([
    store.read(stream, { direction: "forwards", limit: 1 }),
    store.read(stream, { direction: "backwards", limit: 1 }),
  ]);
  return [first, last].filter(isHere);
}

/** The stream that reserves the user's name; undefined once the user's own events are gone, which go after it. */
async function nameStreamOf(dependencies: ErasureDependencies, userId: string): Promise<string | undefined> {
  const [first] = await endsOf(dependencies, streams.user(userId));
  if (!first) return undefined;
  const { data } = decode(first) as UserEvent;
  return data.user.status === "erased" ? undefined : streams.username(data.user.usernameIndex);
}

/** Ends all that the person had, in one event; then the sessions learn of it too. */
async function endEverything(
  dependencies: ErasureDependencies,
  userId: string,
  metadata: EventMetadata,
): Promise<ErasedUser> {
  const { clock } = dependencies;
  const user = (await confirmed(dependencies, {
    stream: streams.user(userId),
    decider: userDecider,
    command: (): UserCommand => ({ type: "erase", now: clock.now() }),
    metadata,
  })) as ErasedUser;
  await endOlderSessions(dependencies, user, metadata);
  return user;
}

/** Writes down what will be removed, before it is: a hole in the log that nothing names would be tampering. */
async function recordErasure(
  dependencies: ErasureDependencies,
  user: ErasedUser,
  metadata: EventMetadata,
): Promise<Erasure> {
  const { userId } = user;
  const nameStream = await nameStreamOf(dependencies, userId);
  const ends = (stream: string) => endsOf(dependencies, stream);
  const [own, key, name] = await Promise.all([
    ends(streams.user(userId)),
    ends(streams.subjectKey(userId)),
    nameStream === undefined ? [] : ends(nameStream),
  ]);
  const removed = [own.at(-1), key.at(-1)]
    .filter(isHere)
    .map(({ stream, revision }) => ({ stream, revision }));
  const positions = new Set([...own, ...key, ...name].map(({ position }) => String(position)));
  const reservation = name[0]?.id ?? null;
  const { answer } = await dependencies.handle({
    stream: streams.erasure(userId),
    decider: erasureDecider,
    command: (): ErasureCommand => ({
      type: "request",
      erasure: { user, removed, reservation, positions: [...positions] },
    }),
    metadata,
  });
  return answer as Erasure;
}

async function tombstone({ store }: ErasureDependencies, stream: string): Promise<void> {
  const [last] = await store.read(stream, { direction: "backwards", limit: 1 });
  if (last) await store.tombstone(stream, last.revision);
}

/** Removes what was written down, once its leaves are kept, the name first and the key last: it may be stopped anywhere and run again. */
async function remove(
  dependencies: ErasureDependencies,
  { user, positions }: Erasure,
  metadata: EventMetadata,
): Promise<ErasureState> {
  const { store, handle, clock, keepLeaves } = dependencies;
  const { userId } = user;
  await keepLeaves();
  const nameStream = await nameStreamOf(dependencies, userId);
  if (nameStream !== undefined) await tombstone(dependencies, nameStream);
  await tombstone(dependencies, streams.user(userId));
  await tombstone(dependencies, streams.subjectKey(userId));
  if (!(await store.isErased(positions.map(BigInt)))) return "requested";
  await handle({
    stream: streams.erasure(userId),
    decider: erasureDecider,
    command: (): ErasureCommand => ({ type: "complete", now: clock.now() }),
    metadata,
  });
  return "complete";
}

/**
 * Erases a person: all that the person had is dead when this returns, and the data are as good as gone where the state
 * is `complete`. Repeating it goes on where it was stopped.
 * @throws {RefusedError} where there is no such user @throws {Unavailable} where the end is not visible in time
 */
export async function eraseUser(
  dependencies: ErasureDependencies,
  userId: string,
  metadata: EventMetadata,
): Promise<ErasureState> {
  const { event } = await dependencies.log.last(streams.erasure(userId));
  const known = event && (event.data as { erasure: Erasure }).erasure;
  if (known && known.completedAt !== null) return "complete";
  if (known) return await remove(dependencies, known, metadata);
  const { revision } = await dependencies.log.last(streams.user(userId));
  if (revision < 0) throw new RefusedError(refusal("invalid_request", "There is no such user"));
  await dependencies.erasureList.add(userId);
  const user = await endEverything(dependencies, userId, metadata);
  return await remove(dependencies, await recordErasure(dependencies, user, metadata), metadata);
}

/**
 * Repeats what the list says was erased and this log does not know of: it was restored from a backup that is older.
 * Answers of how many persons. @throws {Unavailable}
 */
export async function repeatErasures(
  dependencies: ErasureDependencies,
  metadata: EventMetadata,
): Promise<number> {
  let repeated = 0;
  for (const userId of await dependencies.erasureList.all()) {
    const { revision } = await dependencies.log.last(streams.user(userId));
    if (revision < 0) continue;
    await eraseUser(dependencies, userId, metadata);
    repeated += 1;
  }
  return repeated;
}
