import type { Command } from "commander";
import { CannotSign, makeCheckpoint } from "../../../application/audit/proof/checkpoint.ts";
import { sendCheckpoint } from "../../../application/audit/proof/send-checkpoint.ts";
import { iso } from "../../audit/facts.ts";
import type { Proof } from "../../proof.ts";
import { CommandError } from "../command-error.ts";
import { addSettings, dataSettings } from "../options.ts";
import { print } from "../run.ts";
import type { Audit } from "./with-audit.ts";
import { sentence, withProof } from "./with-proof.ts";

const settings = [...dataSettings, "checkpointTo"] as const;

async function checkpoint(
  { store, clock, signal }: Audit,
  proof: Proof,
  asJson: boolean | undefined,
): Promise<void> {
  const warn = (message: string) => console.error(`${sentence(message)}`);
  const made = await makeCheckpoint({ ...proof, store, clock, warn }, signal);
  signal.throwIfAborted();
  if (!made) throw new CommandError("The log is empty: there is nothing to sign.");
  const { number, size, time, root } = made.checkpoint;
  const facts = {
    checkpoint: number,
    signed: made.isNew ? "now" : "before: the log did not grow since",
    time: iso(time),
    leaves: size,
    root: Buffer.from(root).toString("base64"),
  };
  if (!proof.copies) return print(facts, asJson);
  try {
    const isSent = await sendCheckpoint({ ...proof, store, warn }, proof.copies, signal);
    print({ ...facts, outside: isSent ? "sent now" : "sent before" }, asJson);
  } catch (error) {
    print({ ...facts, outside: "not sent" }, asJson);
    if (error instanceof CannotSign) throw error;
    throw new CommandError(
      `The checkpoint is kept here, but could not be sent outside: ${(error as Error).message}.`,
    );
  }
}

/** dacapo audit checkpoint: signs the head of the tree now. */
export function addCheckpointCommand(audit: Command): void {
  addSettings(
    audit
      .command("checkpoint")
      .description(
        "sign the head of the log's Merkle tree now, and send it outside where checkpointTo is set; exit code 1 where it was not sent, as where something else lies there than what is kept here",
      ),
    settings,
  )
    .option("--json", "print JSON")
    .action(({ json }, command: Command) =>
      withProof(command, (opened, proof) => checkpoint(opened, proof, json)),
    );
}

/** dacapo audit key: what others need to verify checkpoints and proofs. */
export function addKeyCommand(audit: Command): void {
  addSettings(
    audit
      .command("key")
      .description(
        "the keys that verify checkpoints and proofs, to be kept outside, the one that signs first",
      ),
    dataSettings,
  )
    .option("--json", "print JSON")
    .action(({ json }, command: Command) =>
      withProof(command, async (_audit, { keys: { vkeys } }) =>
        console.log(json ? JSON.stringify({ keys: vkeys }) : vkeys.join("\n")),
      ),
    );
}
