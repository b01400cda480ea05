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

/** Makes the first keys of a deployment, where there are none. */
export async function ensureSigningKeys(context: Dependencies, metadata: EventMetadata): Promise<void> {
  const { documents, tokens, clock, policy } = context;
  const [existing] = await documents.fromLog([ref.signingKeys()]);
  if (existing) return;
  const now = clock.now();
  const { algorithm } = policy.signing;
  const [active, next] = await Promise.all([
    tokens.generateKey(algorithm, now),
    tokens.generateKey(algorithm, now),
  ]);
  await run(context, { type: "create", active, next, now }, metadata);
}

/**
 * The next key begins to sign, a fresh one is published, the old one stays until its last token is dead.
 * @throws {RefusedError} where the next key was not published for long enough, unless `force`
 */
export async function rotateSigningKeys(
  context: Dependencies,
  { force }: { readonly force: boolean },
  metadata: EventMetadata,
): Promise<SigningKeys> {
  const { tokens, clock, policy } = context;
  const now = clock.now();
  const fresh = await tokens.generateKey(policy.signing.algorithm, now);
  const minPublished = force ? 0 : policy.signing.publishFor;
  const retainFor = policy.grants.accessTokenLifetime + policy.signing.publishFor;
  return await run(context, { type: "rotate", fresh, minPublished, retainFor, now }, metadata);
}

/** Rotates keys that have signed for long enough and removes those whose last token is dead. */
export async function maintainSigningKeys(context: Dependencies, metadata: EventMetadata): Promise<void> {
  const { documents, clock, policy } = context;
  const [keys] = await documents.load([ref.signingKeys()]);
  if (!keys) throw new RefusedError(refusal("invalid_request", "There are no signing keys yet"));
  const now = clock.now();
  if (now - keys.activatedAt >= policy.signing.rotateEvery)
    await rotateSigningKeys(context, { force: false }, metadata);
  else if (keys.retired.some(({ removeAt }) => removeAt <= now))
    await run(context, { type: "remove_dead", now }, metadata);
}
