import { describe, it } from "vitest";
import { idempotencyKeyDecider } from "../../domain/idempotency-key.ts";
import { given } from "../support/given.ts";

const use = { fingerprint: "f", nonce: "n", keyVersion: 1, usedAt: 100 };
const used = { type: "idempotency_key.used", data: { use } } as const;

describe("an idempotency key", () => {
  it("is used by the first who comes with it", () =>
    given(idempotencyKeyDecider).when(use).then([used], use));

  it("tells every later one of the first use", () =>
    given(idempotencyKeyDecider, used)
      .when({ ...use, fingerprint: "other", nonce: "other", usedAt: 200 })
      .then([], use));
});
