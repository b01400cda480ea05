import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import type { Command } from "commander";
import { CannotProve, checkProof } from "../../../application/audit/proof/prove.ts";
import { checkGrowth } from "../../../application/audit/proof/prove-growth.ts";
import type { NoteVerifier } from "../../../application/ports/checkpoint-keys.ts";
import type { NoteKey } from "../../../domain/audit/note.ts";
import { parseGrowth, parseProof } from "../../../domain/audit/proof.ts";
import { createNoteVerifier } from "../../../infrastructure/crypto/checkpoint-keys.ts";
import { iso } from "../../audit/facts.ts";
import { plain, print } from "../run.ts";
import { collectKeys } from "./with-proof.ts";

interface Options {
  readonly key: readonly NoteKey[];
  readonly since?: string;
  readonly json?: boolean;
}

/** What a proof of an event proves. @throws {CannotProve} */
function eventFacts(text: string, keys: NoteVerifier, origin: string, asJson: boolean) {
  const proof = parseProof(text);
  if (!proof && parseGrowth(text))
    throw new CannotProve("this is a proof of growth: name the earlier checkpoint by --since");
  if (!proof) throw new CannotProve("this is no C2SP tlog-proof with the text of its leaf");
  const { event, checkpoint } = checkProof(proof, keys, origin);
  const { stream, revision, type, version, id, time, data, metadata } = event;
  return {
    proof: "holds",
    log: checkpoint.origin,
    checkpoint: checkpoint.number,
    checkpoint_time: iso(checkpoint.time),
    leaf: proof.index,
    leaves: checkpoint.size,
    ...{ id: plain(id), type: plain(type), version, stream: plain(stream), revision },
    time: iso(time),
    ...(asJson ? { data, metadata } : { data: JSON.stringify(data), metadata: JSON.stringify(metadata) }),
  };
}

/** What a proof of growth proves. @throws {CannotProve} */
function growthFacts(text: string, earlierText: string, keys: NoteVerifier, origin: string) {
  const proof = parseGrowth(text);
  if (!proof && parseProof(text)) throw new CannotProve("this is the proof of an event: leave --since out");
  if (!proof) throw new CannotProve("this is no proof of growth as dacapo audit prove --since writes it");
  const { earlier, later } = checkGrowth(proof, earlierText, keys, origin);
  return {
    proof: "holds: the log only grew",
    log: later.origin,
    from_checkpoint: earlier.number,
    from_leaves: earlier.size,
    to_checkpoint: later.number,
    to_leaves: later.size,
    checkpoint_time: iso(later.time),
  };
}

async function verifyProof(file: string, { key, since, json = false }: Options): Promise<void> {
  const text = file === "-" ? await readAll(process.stdin) : await readFile(file, "utf8");
  const earlier = since === undefined ? undefined : await readFile(since, "utf8");
  const [keys, origin] = [createNoteVerifier(key), key[0]?.name ?? ""];
  try {
    const facts =
      earlier === undefined ? eventFacts(text, keys, origin, json) : growthFacts(text, earlier, keys, origin);
    print(facts, json);
  } catch (error) {
    if (!(error instanceof CannotProve)) throw error;
    if (json) print({ proof: "does not hold", reason: error.message }, true);
    else console.error(`The proof does not hold: ${error.message}.`);
    process.exitCode = 3;
  }
}

/** dacapo audit verify-proof: checks a proof by nothing but a key. */
export function addVerifyProofCommand(audit: Command): void {
  audit
    .command("verify-proof <file>")
    .description(
      'check a proof by nothing but a key: no data folder, no master key; "-" reads standard input',
    )
    .requiredOption(
      "--key <vkey>",
      "the key of the log, as dacapo audit key printed it there; may be given several times",
      collectKeys,
    )
    .option("--since <file>", "the earlier checkpoint, for a proof that the log only grew")
    .option("--json", "print JSON")
    .action(verifyProof);
}
