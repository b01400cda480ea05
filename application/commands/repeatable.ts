import {
  type IdempotencyKeyEvent,
  idempotencyKeyDecider,
  type KeyCommand,
  type KeyUse,
  keyHolds,
} from "../../domain/idempotency-key.ts";
import type { Context } from "../context.ts";
import { decode } from "../events/catalog.ts";
import { type EventMetadata, type StoredEvent, Unavailable } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import type { Handle } from "./handle.ts";

/** The key was used for another request, or so long ago that what it led to cannot be told any more. */
export class KeyReused extends Error {
  override readonly name = "KeyReused";
}

/** A request that may be sent again. */
export interface RepeatableRequest {
  readonly idempotencyKey: string;
  /** Method and path: the same key means something else there. */
  readonly at: string;
  /** What is asked for, as JSON; without a password, which nothing but Argon2id may keep. */
  readonly asked: string;
  readonly metadata: EventMetadata;
}

/** An event that this request led to before. */
class DoneBefore extends Error {
  readonly event: StoredEvent;
  constructor(event: StoredEvent) {
    super("done before");
    this.event = event;
  }
}

/** Changes of one stream after which what a key led to is looked for no more. */
const maxChanges = 64;

/** Where the first use of a key stands, and what it says. */
interface FirstUse {
  readonly stream: string;
  readonly id: string;
  readonly use: KeyUse;
}

async function firstUseIn({ log }: Pick<Context, "log">, stream: string): Promise<FirstUse | undefined> {
  const [newest] = await log.recent(stream, 1);
  if (!newest) return undefined;
  const event = decode(newest) as IdempotencyKeyEvent;
  const isFirst = event.type === "idempotency_key.used";
  return { stream, id: isFirst ? newest.id : (newest.metadata.causationId ?? ""), use: event.data.use };
}

async function usedBefore(context: Context, name: string): Promise<FirstUse | undefined> {
  for (const { value } of context.secrets.macs("idempotency", name)) {
    const found = await firstUseIn(context, streams.idempotencyKey(value));
    if (found) return found;
  }
  return undefined;
}

/** Records that the key is used; of those who are first at once, one is. */
async function use(context: Context, name: string, request: RepeatableRequest): Promise<FirstUse> {
  const { handle, secrets, clock } = context;
  const { value, keyVersion } = secrets.mac("idempotency", name);
  const stream = streams.idempotencyKey(value);
  const fingerprint = fingerprintOf(context, name, request, keyVersion);
  await handle({
    stream,
    decider: idempotencyKeyDecider,
    command: (): KeyCommand => ({
      type: "use",
      use: { fingerprint, nonce: secrets.random(), keyVersion, usedAt: clock.now() },
    }),
    metadata: request.metadata,
  });
  const first = await firstUseIn(context, stream);
  if (!first) throw new Unavailable("the use of an idempotency key is not there that was recorded");
  return first;
}

const fingerprintOf = (
  { secrets }: Pick<Context, "secrets">,
  name: string,
  { asked }: RepeatableRequest,
  keyVersion: number,
): string => secrets.mac("idempotency", JSON.stringify(["asked", name, asked]), keyVersion).value;

/** The handler of commands that does none of them twice: what the stream got by this use of the key is answered again. */
function once({ handle, log }: Context, { id, use: { usedAt } }: FirstUse): Handle {
  async function doneBefore(stream: string): Promise<StoredEvent | undefined> {
    const newest = await log.recent(stream, maxChanges);
    const done = newest.find(({ metadata }) => metadata.causationId === id);
    const [oldest] = newest;
    // It may have been before all of these.
    if (!done && newest.length === maxChanges && oldest && oldest.time >= usedAt)
      throw new KeyReused("The idempotency key was used too long ago");
    return done;
  }

  return async (execution) => {
    const { stream, decider, metadata } = execution;
    try {
      return await handle({
        ...execution,
        metadata: { ...metadata, causationId: id },
        async command(state, end) {
          // At the revision that is appended to, so that of two at once the loser finds what the winner did.
          const event = await doneBefore(stream);
          if (event) throw new DoneBefore(event);
          return await execution.command(state, end);
        },
      });
    } catch (error) {
      if (!(error instanceof DoneBefore)) throw error;
      const left = decider.evolve(decider.initialState, decode(error.event) as never);
      // The commands that can be repeated answer the state that they leave.
      return { answer: left as never, position: error.event.position };
    }
  };
}

/** A context in which what is done is done once. */
export interface RepeatableContext extends Context {
  /** When this was tried before, epoch ms; undefined where it is the first time, or cannot be known. */
  readonly triedAt?: number;
}

/**
 * A context in which a request does what it does once, however often it is sent, to whichever process, and answers the same
 * each time: ids and secrets are derived from the first use of its key, and what that led to is recognised in the log.
 * For commands that answer the state which their events leave. A key holds for a day.
 * @throws {KeyReused} where the key was used for another request, or too long ago @throws {Unavailable}
 */
export async function repeatable(context: Context, request: RepeatableRequest): Promise<RepeatableContext> {
  const { clock, secrets } = context;
  const { idempotencyKey, at, metadata } = request;
  const name = JSON.stringify(["key", metadata.actor, at, idempotencyKey]);
  const before = await usedBefore(context, name);
  const first = before ?? (await use(context, name, request));
  requireSame(context, name, request, first);
  if (before)
    await context.handle({
      stream: before.stream,
      decider: idempotencyKeyDecider,
      command: (): KeyCommand => ({ type: "repeat", now: clock.now() }),
      metadata: { ...metadata, causationId: before.id },
    });
  const { nonce, usedAt } = first.use;
  return {
    ...context,
    ...(before ? { triedAt: usedAt } : {}),
    secrets: { ...secrets, ...secrets.derived({ nonce, keyVersion: first.use.keyVersion, time: usedAt }) },
    handle: once(context, first),
  };
}

/** @throws {KeyReused} */
function requireSame(
  context: Context,
  name: string,
  request: RepeatableRequest,
  { use: { fingerprint, keyVersion, usedAt } }: FirstUse,
): void {
  if (fingerprint !== fingerprintOf(context, name, request, keyVersion))
    throw new KeyReused("The idempotency key was used for another request");
  if (context.clock.now() - usedAt > keyHolds)
    throw new KeyReused("The idempotency key was used too long ago");
}
