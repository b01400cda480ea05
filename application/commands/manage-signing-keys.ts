import { refusal } from "../../domain/oauth/refusal.ts";
import {
  type SigningKeyCommand,
  type SigningKeys,
  signingKeyDecider,
} from "../../domain/signing-key/signing-key.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { RefusedError } from "../errors.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import { confirmed } from "./confirm.ts";

type Dependencies = Pick<Context, "handle" | "documents" | "tokens" | "clock" | "policy" | "visibility">;

async function run(
  context: Dependencies,
  command: SigningKeyCommand,
  metadata: EventMetadata,
): Promise<SigningKeys> {
  return await confirmed(context, {
    stream: streams.signingKeys,
    decider: signingKeyDecider,
    command: () => command,
    metadata,
  });
}

/** A key that signs and one that is published to be the next. */
async function freshKeys({ tokens, policy }: Pick<Context, "tokens" | "policy">, now: number) {
  const { algorithm } = policy.signing;
  const [active, next] = await Promise.all([
    tokens.generateKey(algorithm, now),
    tokens.generateKey(algorithm, now),
  ]);
  return { active, next, now };
}

/** Rotations that are not further apart than this (ms) are one: it holds the clocks of two processes, and a request. */
const atOnce = 10_000;

/** Makes the first keys of a deployment, where there are none. */
export async function ensureSigningKeys(context: Dependencies, metadata: EventMetadata): Promise<void> {
  const { documents, clock } = context;
  const [existing] = await documents.fromLog([ref.signingKeys()]);
  if (existing) return;
  await run(context, { type: "create", ...(await freshKeys(context, clock.now())) }, metadata);
}

async function keysNow({ documents }: Dependencies): Promise<SigningKeys> {
  const [keys] = await documents.fromLog([ref.signingKeys()]);
  if (!keys) throw new RefusedError(refusal("invalid_request", "There are no signing keys yet"));
  return keys;
}

async function retire(
  context: Dependencies,
  active: string,
  minPublished: number,
  metadata: EventMetadata,
): Promise<SigningKeys> {
  const { tokens, clock, policy } = context;
  const now = clock.now();
  const fresh = await tokens.generateKey(policy.signing.algorithm, now);
  const retainFor = policy.grants.accessTokenLifetime + policy.signing.publishFor;
  return await run(context, { type: "rotate", active, fresh, minPublished, retainFor, now }, metadata);
}

/**
 * The next key begins to sign, a fresh one is published, the old one stays until its last token is dead. Of those who
 * do this at once, one rotates and all are answered with what it left; so is who tries again.
 * @param triedAt when this was tried before, epoch ms
 * @throws {RefusedError} where the next key was not published for long enough, unless `force`
 */
export async function rotateSigningKeys(
  context: Dependencies,
  { force, triedAt }: { readonly force: boolean; readonly triedAt?: number | undefined },
  metadata: EventMetadata,
): Promise<SigningKeys> {
  const keys = await keysNow(context);
  // Somebody else was faster then, or it was this: the last rotation is not older than the first try.
  if (triedAt !== undefined && keys.activatedAt > triedAt - atOnce) return keys;
  const { active } = keys;
  return await retire(context, active.kid, force ? 0 : context.policy.signing.publishFor, metadata);
}

/** Rotates keys that have signed for long enough and removes those whose last token is dead; in any number of processes. */
export async function maintainSigningKeys(context: Dependencies, metadata: EventMetadata): Promise<void> {
  const { clock, policy } = context;
  const { active, activatedAt, retired } = await keysNow(context);
  const now = clock.now();
  if (now - activatedAt >= policy.signing.rotateEvery)
    await retire(context, active.kid, policy.signing.publishFor, metadata);
  else if (retired.some(({ removeAt }) => removeAt <= now))
    await run(context, { type: "remove_dead", now }, metadata);
}

/**
 * Lets fresh keys sign at once, in the place of all that there are: what those signed verifies no more. Nothing where there
 * are none yet.
 */
export async function replaceSigningKeys(
  context: Pick<Context, "handle" | "tokens" | "clock" | "policy">,
  metadata: EventMetadata,
): Promise<void> {
  const fresh = await freshKeys(context, context.clock.now());
  await context.handle({
    stream: streams.signingKeys,
    decider: signingKeyDecider,
    command: (): SigningKeyCommand => ({ type: "replace", ...fresh }),
    metadata,
  });
}
