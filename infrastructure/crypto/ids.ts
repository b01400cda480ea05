import { randomFillSync } from "node:crypto";
import { v7 } from "uuid";

const size = 16;
const pool = Buffer.alloc(256 * size);
let used = pool.length;

/** Random bytes for one id, from a pool that is filled for many: to ask the system for each costs ten times as much. */
function rng(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += size;
  return pool.subarray(used - size, used);
}

/** A UUIDv7. */
export const newUuid = (): string => v7({ rng });

/** A UUIDv7 as base64url. */
export const newShortUuid = (): string => v7({ rng }, Buffer.alloc(size)).toString("base64url");
