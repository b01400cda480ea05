import { setTimeout as sleep } from "node:timers/promises";
import { hash, verify } from "@node-rs/argon2";
import type { Passwords } from "../../application/ports/secrets.ts";
import { createBoundedQueue } from "../bounded/queue.ts";
import { foreignVerifier, readsInPart } from "./foreign-hashes.ts";

/** The OWASP minimum for Argon2id, which is the package's default algorithm. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const maxBytes = 1024;

/** What every hash begins with that is made here. */
const ownForm = `$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$`;

/** What no password leads to: it costs as much to check as a real hash. */
const dummyHash = `${ownForm}${[16, 32]
  .map((bytes) => Buffer.alloc(bytes).toString("base64").replaceAll("=", ""))
  .join("$")}`;

/** Whether a hash was made here, at the costs of today. */
const isOwn = (stored: string): boolean => stored.startsWith(ownForm);

/** Imported hashes that are checked at once, and that wait: they cost up to ten times as much as ours, which must not wait for them. */
const foreignTurns = { running: 1, waiting: 16 };

/** The longest that a wrong password waits, ms, so that it takes no less than one against an imported hash. */
const maxPause = 2_000;

const isTooLong = (password: string): boolean => Buffer.byteLength(password) > maxBytes;

/**
 * Argon2id, two computations at once and 64 waiting by default; hashes of other products are checked by their own
 * algorithm, in a queue of their own. A password of more than 1024 bytes is never right and cannot be hashed (RangeError).
 */
export function createPasswords({ running = 2, waiting = 64 } = {}): Passwords {
  const inTurn = createBoundedQueue({ running, waiting });
  const inForeignTurn = createBoundedQueue(foreignTurns);
  /** What the dearest check of an imported hash took so far, ms: who has one is not told by how long an answer takes. */
  let slowest = 0;

  async function check(password: string, stored: string) {
    const foreign = foreignVerifier(stored);
    const start = performance.now();
    const matches = await (foreign ? foreign(password) : verify(stored, password));
    const took = performance.now() - start;
    if (!isOwn(stored)) slowest = Math.min(maxPause, Math.max(slowest, took));
    return { matches, took };
  }

  return {
    unmatchable: dummyHash,
    isCurrent: isOwn,
    isWhole: (password, stored) => !readsInPart(password, stored),
    async hash(password) {
      if (isTooLong(password)) throw new RangeError(`A password has at most ${maxBytes} bytes`);
      return inTurn(() => hash(password, cost));
    },
    async verify(password, stored) {
      if (isTooLong(password)) return false;
      const hash = stored ?? dummyHash;
      const turn = isOwn(hash) ? inTurn : inForeignTurn;
      const { matches, took } = await turn(() => check(password, hash));
      if (stored !== undefined && matches) return true;
      if (slowest > took) await sleep(slowest - took);
      return false;
    },
  };
}
