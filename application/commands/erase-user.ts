import { type Erasure, type ErasureCommand, erasureDecider } from "../../domain/erasure/erasure.ts";
import { refusal } from "../../domain/oauth/refusal.ts";
import { type ErasedUser, type UserCommand, type UserEvent, userDecider } from "../../domain/user/user.ts";
import type { Context } from "../context.ts";
import { RefusedError } from "../errors.ts";
import { decode } from "../events/catalog.ts";
import type { ErasureList } from "../ports/erasure-list.ts";
import type { EventMetadata, EventStore, StoredEvent } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import { confirmed } from "./confirm.ts";
import { endOlderSessions } from "./manage-users.ts";

export interface ErasureDependencies
  extends Pick<Context, "handle" | "log" | "visibility" | "policy" | "clock"> {
  readonly store: Pick<EventStore, "read" | "softDelete" | "tombstone" | "isErased">;
  readonly erasureList: ErasureList;
}

/** `requested`: everything of the person is dead. `complete`: the data cannot be read any more, by whoever has the files. */
export type ErasureState = "requested" | "complete";

const pageSize = 500;

async function allOf({ store }: ErasureDependencies, stream: string): Promise<readonly StoredEvent[]> {
  const found: StoredEvent[] = [];
  for (;;) {
    const page = await store.read(stream, { direction: "forwards", from: found.length, limit: pageSize });
    found.push(...page);
    if (page.length < pageSize) return found;
  }
}

/** The streams that hold nothing but what a person is known by. Once the user's own events are gone, the name's are too. */
async function nameStreamOf(dependencies: ErasureDependencies, userId: string): Promise<string | undefined> {
  const [first] = await dependencies.store.read(streams.user(userId), { direction: "forwards", limit: 1 });
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
  const personal = [streams.user(userId), streams.subjectKey(userId), ...(nameStream ? [nameStream] : [])];
  const events = (await Promise.all(personal.map((stream) => allOf(dependencies, stream)))).flat();
  const removed = events
    .filter(({ type }) => type !== "user.erased")
    .map(({ position }) => position)
    .sort((a, b) => Number(a - b));
  const { answer } = await dependencies.handle({
    stream: streams.erasure(userId),
    decider: erasureDecider,
    command: (): ErasureCommand => ({ type: "request", user, removed: removed.map(String) }),
    metadata,
  });
  return answer as Erasure;
}

async function softDelete({ store }: ErasureDependencies, stream: string): Promise<void> {
  const [last] = await store.read(stream, { direction: "backwards", limit: 1 });
  if (last) await store.softDelete(stream, last.revision);
}

/** Leaves of the user's stream only that the user was erased. */
async function cutUserStream(
  dependencies: ErasureDependencies,
  user: ErasedUser,
  metadata: EventMetadata,
): Promise<void> {
  const stream = streams.user(user.userId);
  const [first] = await dependencies.store.read(stream, { direction: "forwards", limit: 1 });
  if (first?.type === "user.erased") return;
  await softDelete(dependencies, stream);
  const command = (): UserCommand => ({ type: "keep_erased", user });
  await dependencies.handle({ stream, decider: userDecider, command, metadata });
}

/** Removes what was written down, the key last: it may be stopped anywhere and run again. */
async function remove(
  dependencies: ErasureDependencies,
  { user, removed }: Erasure,
  metadata: EventMetadata,
): Promise<ErasureState> {
  const { store, handle, clock } = dependencies;
  const { userId } = user;
  const nameStream = await nameStreamOf(dependencies, userId);
  if (nameStream) await softDelete(dependencies, nameStream);
  await cutUserStream(dependencies, user, metadata);
  const [key] = await store.read(streams.subjectKey(userId), { direction: "backwards", limit: 1 });
  if (key) await store.tombstone(streams.subjectKey(userId), key.revision);
  if (!(await store.isErased(removed.map(BigInt)))) return "requested";
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
 * @throws {Unavailable}
 */
export async function repeatErasures(
  dependencies: ErasureDependencies,
  metadata: EventMetadata,
): Promise<void> {
  for (const userId of await dependencies.erasureList.all()) {
    const { revision } = await dependencies.log.last(streams.user(userId));
    if (revision >= 0) await eraseUser(dependencies, userId, metadata);
  }
}
