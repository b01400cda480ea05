import type { Command } from "commander";
import { createLog, type Log } from "../../../application/log.ts";
import type { Policy } from "../../../application/policy.ts";
import type { Clock } from "../../../application/ports/clock.ts";
import type { ErasureList } from "../../../application/ports/erasure-list.ts";
import type { EventStore } from "../../../application/ports/event-store.ts";
import type { Secrets } from "../../../application/ports/secrets.ts";
import type { Tokens } from "../../../application/ports/tokens.ts";
import { systemClock as clock } from "../../../infrastructure/clock.ts";
import { requireMasterKey } from "../../../infrastructure/config/master-key.ts";
import { policyOf } from "../../../infrastructure/config/policy.ts";
import type { Config } from "../../../infrastructure/config/schema.ts";
import type { KeyRing } from "../../../infrastructure/crypto/key-ring.ts";
import { createSecrets } from "../../../infrastructure/crypto/secrets.ts";
import { createTokens } from "../../../infrastructure/crypto/tokens.ts";
import { hasLog, openErasureList, openLog } from "../../engines.ts";
import { requireOwnMasterKey } from "../../own-master-key.ts";
import { CommandError } from "../command-error.ts";
import { configOf } from "../options.ts";

/** What questions about the past are asked of: the log and the keys, no read model and nothing that writes. */
export interface Audit {
  readonly config: Config;
  readonly store: EventStore;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly ring: KeyRing;
  readonly tokens: Tokens;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly erasureList: ErasureList;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/**
 * Runs work on the log of a deployment, beside its server if one runs, which it does not disturb: nothing is made or
 * projected, and nothing appended but what the work says. @throws {CommandError} where there is no log @throws {ConfigurationError}
 */
export async function withAudit(command: Command, work: (audit: Audit) => Promise<void>): Promise<void> {
  const config = configOf(command);
  if (config.ephemeral) throw new CommandError("A log in memory can be asked by its own server only.");
  if (!hasLog(config)) throw new CommandError(`There is no log in ${config.dataDir}.`);
  const ring = requireMasterKey(config);
  const secrets = createSecrets(ring);
  const store = await openLog(config, "command");
  const stopping = new AbortController();
  const stop = () => stopping.abort(new CommandError("Stopped."));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const log = createLog(store, secrets);
  try {
    await requireOwnMasterKey(log, secrets);
    await work({
      config,
      store,
      log,
      secrets,
      ring,
      tokens: createTokens(secrets),
      policy: policyOf(config),
      clock,
      erasureList: openErasureList(config),
      signal: stopping.signal,
    });
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    await store.close();
  }
}
