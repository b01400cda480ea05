import { hash, verify } from "@node-rs/argon2";
import type { Passwords } from "../../application/ports/secrets.ts";
import { createBoundedQueue } from "../bounded/queue.ts";

/** The OWASP minimum for Argon2id, which is the package's default algorithm. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const maxBytes = 1024;

/** What no password leads to: it costs as much to check as a real hash. */
const dummyHash = [
  "",
  "argon2id",
  "v=19",
  `m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}`,
  Buffer.alloc(16).toString("base64").replaceAll("=", ""),
  Buffer.alloc(32).toString("base64").replaceAll("=", ""),
].join("$");

const isTooLong = (password: string): boolean => Buffer.byteLength(password) > maxBytes;

/**
 * Argon2id, two computations at once and 64 waiting by default. A password of more than 1024 bytes is never right and
 * cannot be hashed (RangeError).
 */
export function createPasswords({ running = 2, waiting = 64 } = {}): Passwords {
  const inTurn = createBoundedQueue({ running, waiting });
  return {
    async hash(password) {
      if (isTooLong(password)) throw new RangeError(`A password has at most ${maxBytes} bytes`);
      return inTurn(() => hash(password, cost));
    },
    async verify(password, stored) {
      if (isTooLong(password)) return false;
      const matches = await inTurn(() => verify(stored ?? dummyHash, password));
      return stored !== undefined && matches;
    },
  };
}
