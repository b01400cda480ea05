import { describe, it } from "vitest";
import { idempotencyKeyDecider } from "../../domain/idempotency-key.ts";
import { given } from "../support/given.ts";

const use = { fingerprint: "f", nonce: "n", keyVersion: 1, usedAt: 100 };
const used = { type: "idempotency_key.used", data: { use } } as const;
const repeated = { type: "idempotency_key.repeated", data: { use, at: 200 } } as const;

describe("an idempotency key", () => {
  it("is used by the first who comes with it", () =>
    given(idempotencyKeyDecider).when({ type: "use", use }).then([used], undefined));

  it("is not used again by another at once", () =>
    given(idempotencyKeyDecider, used)
      .when({ type: "use", use: { ...use, nonce: "other" } })
      .then([], undefined));

  it("leaves a trace of each repeat, which holds the first use", () =>
    given(idempotencyKeyDecider, used, repeated)
      .when({ type: "repeat", now: 200 })
      .then([repeated], undefined));
});
