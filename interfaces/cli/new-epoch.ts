import type { Command } from "commander";
import { beginEpoch } from "../../application/commands/begin-epoch.ts";
import { confirmVisible } from "../../application/commands/confirm.ts";
import { repeatErasures } from "../../application/commands/erase-user.ts";
import { ensureSigningKeys } from "../../application/commands/manage-signing-keys.ts";
import { Unavailable } from "../../application/ports/event-store.ts";
import type { Runtime } from "../compose.ts";
import { CommandError } from "./command-error.ts";
import { tellingProgress } from "./progress.ts";
import { erasing, operator, print, withRuntime } from "./run.ts";

/** Waits until every validation knows of it: after a million users that takes longer than for one. */
async function untilVisible({ context, store, readModels }: Runtime): Promise<void> {
  const end = await store.lastPosition();
  for (let before = -1n; ; ) {
    try {
      return await confirmVisible(context, end);
    } catch (error) {
      const { position } = await readModels.checkpoint();
      if (!(error instanceof Unavailable) || position <= before) throw error;
      before = position;
    }
  }
}

/** Begins a new epoch of the log as it stands, beside its servers. */
export const beginEpochHere = (command: Command, { yes, json }: { yes?: boolean; json?: boolean }) =>
  withRuntime(
    command,
    async (runtime, config) => {
      if (!yes)
        throw new CommandError(
          "This ends every session and token and replaces the signing keys at once. Say --yes to go on.",
        );
      const { context, store } = runtime;
      const metadata = operator();
      const progress = tellingProgress();
      const stopping = new AbortController();
      const stop = () => stopping.abort(new CommandError("Stopped; not everything was ended. Run it again."));
      process.once("SIGINT", stop).once("SIGTERM", stop);
      try {
        await ensureSigningKeys(context, metadata);
        const erased = await repeatErasures({ ...context, store, ...erasing(config, store) }, metadata);
        const { users, clients } = await beginEpoch(
          { ...context, store },
          { backup: null, grantsKept: false },
          metadata,
          {
            signal: stopping.signal,
            progress: (done, total) => progress.told("Ending", Number(done), Number(total)),
          },
        );
        await untilVisible(runtime);
        progress.stop();
        const facts = { users_signed_out: users, clients_ended: clients, users_erased_again: erased };
        print({ ...facts, signing_keys: "replaced" }, json);
      } finally {
        progress.stop();
        process.off("SIGINT", stop).off("SIGTERM", stop);
      }
    },
    { projects: true },
  );
