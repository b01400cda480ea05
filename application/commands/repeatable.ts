import {
  type IdempotencyKeyEvent,
  idempotencyKeyDecider,
  type KeyUse,
} from "../../domain/idempotency-key.ts";
import type { Context } from "../context.ts";
import { decode } from "../events/catalog.ts";
import type { EventMetadata, StoredEvent } from "../ports/event-store.ts";
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

async function usedBefore({ log, secrets }: Context, name: string): Promise<StoredEvent | undefined> {
  for (const { value } of secrets.macs("idempotency", name)) {
    const [used] = await log.recent(streams.idempotencyKey(value), 1);
    if (used) return used;
  }
  return undefined;
}

/** Records that the key was used; of those who do so at once, the first. */
async function use(context: Context, name: string, request: RepeatableRequest): Promise<StoredEvent> {
  const { handle, log, secrets, clock } = context;
  const { value, keyVersion } = secrets.mac("idempotency", name);
  await handle({
    stream: streams.idempotencyKey(value),
    decider: idempotencyKeyDecider,
    command: (): KeyUse => ({
      fingerprint: fingerprintOf(context, name, request, keyVersion),
      nonce: secrets.random(),
      keyVersion,
      usedAt: clock.now(),
    }),
    metadata: request.metadata,
  });
  const [used] = await log.recent(streams.idempotencyKey(value), 1);
  return used as StoredEvent;
}

const fingerprintOf = (
  { secrets }: Pick<Context, "secrets">,
  name: string,
  { asked }: RepeatableRequest,
  keyVersion: number,
): string => secrets.mac("idempotency", JSON.stringify(["asked", name, asked]), keyVersion).value;

/** The handler of commands that does none of them twice: what the stream got by this use of the key is answered again. */
function once({ handle, log }: Context, { id, time }: StoredEvent): Handle {
  async function doneBefore(stream: string): Promise<StoredEvent | undefined> {
    const newest = await log.recent(stream, maxChanges);
    const done = newest.find(({ metadata }) => metadata.causationId === id);
    const [oldest] = newest;
    // It may have been before all of these.
    if (!done && newest.length === maxChanges && oldest && oldest.time >= time)
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

/**
 * A context in which a request does what it does once, however often it is sent, to whichever process, and answers the same
 * each time: ids and secrets are derived from the first use of its key, and what that led to is recognised in the log.
 * For commands that answer the state which their events leave.
 * @throws {KeyReused} where the key was used for another request @throws {Unavailable}
 */
export async function repeatable(context: Context, request: RepeatableRequest): Promise<Context> {
  const { idempotencyKey, at, metadata } = request;
  const name = JSON.stringify(["key", metadata.actor, at, idempotencyKey]);
  const used = (await usedBefore(context, name)) ?? (await use(context, name, request));
  const { fingerprint, nonce, keyVersion, usedAt } = (decode(used) as IdempotencyKeyEvent).data.use;
  if (fingerprint !== fingerprintOf(context, name, request, keyVersion))
    throw new KeyReused("The idempotency key was used for another request");
  return {
    ...context,
    secrets: { ...context.secrets, ...context.secrets.derived({ nonce, keyVersion, time: usedAt }) },
    handle: once(context, used),
  };
}
