import { createPublicKey } from "node:crypto";
import { verifyCheckpoint } from "@sigstore/verify/dist/tlog/checkpoint.js";
import { verifyMerkleInclusion } from "@sigstore/verify/dist/tlog/merkle.js";
import { describe, expect, it } from "vitest";
import { proveEvent } from "../../../application/audit/proof/prove.ts";
import { parseKey } from "../../../domain/audit/note.ts";
import type { Proof } from "../../../domain/audit/proof.ts";
import { append, openProofWorld } from "./proof-world.ts";

/** Checks a proof as the verifier of Sigstore checks its own, from the same two specifications. @throws where it does not hold */
function checkBySigstore({ leaf, index, hashes, note }: Proof, vkey: string): void {
  const key = parseKey(vkey);
  if (!key) throw new Error("this is no key");
  const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(key.publicKey).toString("base64url") };
  const logs = [
    {
      ...{
        logID: Buffer.from(key.keyId, "hex"),
        baseURL: key.name,
        validFor: { start: new Date(0), end: new Date() },
      },
      publicKey: createPublicKey({ key: jwk, format: "jwk" }),
    },
  ];
  const entry = {
    canonicalizedBody: Buffer.from(leaf),
    inclusionProof: {
      ...{ logIndex: String(index), checkpoint: { envelope: note } },
      hashes: hashes.map((hash) => Buffer.from(hash)),
    },
  };
  const checkpoint = verifyCheckpoint(entry as never, logs as never);
  verifyMerkleInclusion(entry as never, checkpoint);
}

describe("an independent verifier of RFC 6962 proofs and C2SP checkpoints", () => {
  it.each([1, 2, 3, 7, 8, 33])(
    "accepts the proof of each of %i events, and none that was changed",
    async (size) => {
      await using world = await openProofWorld();
      await append(world.store, "one", size);
      await world.sign();
      const vkey = world.keys.vkeys[0] ?? "";
      for (const event of await world.store.readAll(0n, 100)) {
        const proof = await proveEvent(world, event);
        checkBySigstore(proof, vkey);
        expect(() => checkBySigstore({ ...proof, leaf: `${proof.leaf} ` }, vkey)).toThrow(
          "root hash does not match",
        );
        const changed = proof.note.replace(`\n${size}\n`, `\n${size + 1}\n`);
        expect(() => checkBySigstore({ ...proof, note: changed }, vkey)).toThrow(
          "invalid checkpoint signature",
        );
      }
    },
  );
});
