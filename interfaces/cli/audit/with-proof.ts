import { type Command, InvalidArgumentError } from "commander";
import { CannotSign } from "../../../application/audit/proof/checkpoint.ts";
import { CannotProve } from "../../../application/audit/proof/prove.ts";
import { type NoteKey, parseKey } from "../../../domain/audit/note.ts";
import { openProof, type Proof } from "../../proof.ts";
import { CommandError } from "../command-error.ts";
import { type Audit, withAudit } from "./with-audit.ts";

/** A first letter in upper case and a full stop. */
export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Runs work on the log of a deployment and what proves it. @throws {CommandError} */
export const withProof = (command: Command, work: (audit: Audit, proof: Proof) => Promise<void>) =>
  withAudit(command, async (audit) => {
    const proof = openProof(audit.config, audit.store, audit.ring);
    try {
      await work(audit, proof);
    } catch (error) {
      if (error instanceof CannotSign || error instanceof CannotProve)
        throw new CommandError(sentence(error.message));
      throw error;
    } finally {
      await proof.leaves.close();
    }
  });

/** The option of a vkey, which may be given several times. @throws {InvalidArgumentError} */
export function collectKeys(text: string, before: readonly NoteKey[] = []): readonly NoteKey[] {
  const key = parseKey(text);
  if (!key)
    throw new InvalidArgumentError(
      "It must be a key as dacapo audit key prints it: name+id+key in one line.",
    );
  return [...before, key];
}
