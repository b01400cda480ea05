import { pino } from "pino";
import { applyRetention } from "../../application/jobs/apply-retention.ts";
import type { StoredEvent } from "../../application/ports/event-store.ts";
import type { SigningKeys } from "../../domain/signing-key/signing-key.ts";
import { loadConfig } from "../../infrastructure/config/load.ts";
import { compose, type Runtime } from "../../interfaces/compose.ts";
import { openArchive } from "../../interfaces/engines.ts";
import { keepingLeaves } from "../../interfaces/proof.ts";
import type { Env } from "./run.ts";

/** Runs work on a deployment's data inside the test: another process of it would cost more than the work. */
export async function onData<T>(env: Env, work: (runtime: Runtime) => Promise<T>): Promise<T> {
  const runtime = await compose(loadConfig({ flags: {}, env }), pino({ level: "silent" }));
  try {
    return await work(runtime);
  } finally {
    await runtime.close();
  }
}

/** The private parts of all keys that signed or were to sign, which stand in the log encrypted. */
export const privateKeysIn = (events: readonly StoredEvent[], { context }: Runtime): readonly string[] =>
  events
    .filter(({ type }) => type.startsWith("signing_keys."))
    .flatMap(({ data }) => {
      const { active, next } = (data as { keys: SigningKeys }).keys;
      return [active, next];
    })
    .map(({ kid, sealedPrivateJwk }) => {
      const opened = context.secrets.open("signing_key", sealedPrivateJwk, kid);
      if (opened === undefined) throw new Error("a signing key cannot be opened");
      return JSON.parse(opened).d;
    });

/** Moves what is dead in two years out of the log. */
export async function retainLater(env: Env, { context, store }: Runtime): Promise<void> {
  const clock = { ...context.clock, now: () => Date.now() + 2 * 365 * 86_400_000 };
  const config = loadConfig({ flags: {}, env });
  const archive = openArchive(config, clock);
  const keepLeaves = keepingLeaves(config, store, (error) => {
    throw error;
  });
  const run = { signal: new AbortController().signal, progress: async () => undefined };
  await applyRetention({ ...context, clock, store, archive, keepLeaves }, run);
}
