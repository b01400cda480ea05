import { readFile, writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { holdsSecrets, proveEvent } from "../../../application/audit/proof/prove.ts";
import { findEvent, parseEventName } from "../../../application/audit/proof/prove-find.ts";
import { proveGrowth } from "../../../application/audit/proof/prove-growth.ts";
import { formatGrowth, formatProof } from "../../../domain/audit/proof.ts";
import type { Proof } from "../../proof.ts";
import { CommandError } from "../command-error.ts";
import { addSettings, dataSettings } from "../options.ts";
import { progressBar } from "../progress.ts";
import type { Audit } from "./with-audit.ts";
import { withProof } from "./with-proof.ts";

/** Milliseconds until a search is worth a progress bar. */
const delay = 2_000;

async function eventProof({ store, signal }: Audit, proof: Proof, event: string): Promise<string> {
  const name = parseEventName(event);
  const bar =
    "id" in name ? progressBar("Searching", Number(await store.lastPosition()), { delay }) : undefined;
  const found = await findEvent(store, name, signal, (position) => bar?.update(Number(position))).finally(
    () => bar?.stop(),
  );
  if (!found)
    throw new CommandError("The log holds no such event. Name it by its id, position or stream@revision.");
  if (holdsSecrets(found))
    console.error(
      "This proof holds the event whole, with hashes of secrets or wrapped keys, also after an erasure: give it only to whom you would give those.",
    );
  return formatProof(await proveEvent({ ...proof, store }, found));
}

async function growthProof({ store }: Audit, proof: Proof, since: string): Promise<string> {
  return formatGrowth(await proveGrowth({ ...proof, store }, await readFile(since, "utf8")));
}

/** dacapo audit prove: that an event is under a signed checkpoint, or that the log only grew since an earlier one. */
export function addProveCommand(audit: Command): void {
  addSettings(
    audit
      .command("prove [event]")
      .description(
        "prove that an event (its id, position or stream@revision) is in the log, so that anybody can check it by a key: C2SP tlog-proof; or by --since that the log only grew",
      ),
    dataSettings,
  )
    .option("--since <file>", "prove that the log only grew since this checkpoint, which somebody kept")
    .option("--out <file>", "write the proof to a file; standard output where absent")
    .action((event: string | undefined, { since, out }, command: Command) => {
      if ((event === undefined) === (since === undefined))
        throw new InvalidArgumentError("Name either an event or --since with the file of a checkpoint.");
      return withProof(command, async (opened, proof) => {
        const text =
          event === undefined
            ? await growthProof(opened, proof, since)
            : await eventProof(opened, proof, event);
        if (out === undefined) process.stdout.write(text);
        else {
          await writeFile(out, text, { mode: 0o600 });
          console.error(`The proof is in ${out}.`);
        }
      });
    });
}
