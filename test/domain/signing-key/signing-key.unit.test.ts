import { describe, it } from "vitest";
import {
  type RetiredKey,
  type SigningKey,
  type SigningKeyEvent,
  type SigningKeys,
  signingKeyDecider,
} from "../../../domain/signing-key/signing-key.ts";
import { given, refused } from "../../support/given.ts";

const key = (kid: string, publishedAt: number): SigningKey => ({
  kid,
  algorithm: "ES256",
  publicJwk: { kty: "EC", kid },
  sealedPrivateJwk: `sealed-${kid}`,
  publishedAt,
});
const retired = (kid: string, publishedAt: number, removeAt: number): RetiredKey => {
  const { sealedPrivateJwk: _, ...published } = key(kid, publishedAt);
  return { ...published, removeAt };
};

const keys: SigningKeys = { next: key("k2", 0), active: key("k1", 0), activatedAt: 0, retired: [] };
const created: SigningKeyEvent = { type: "signing_keys.created", data: { at: 0, keys } };
const rotate = (kid: string, now: number, active = "k1") =>
  ({ type: "rotate", active, fresh: key(kid, now), minPublished: 100, retainFor: 900, now }) as const;

describe("the signing keys", () => {
  it("are replaced at once: none from before signs or verifies any more", () => {
    const old: SigningKeys = { ...keys, retired: [retired("k0", 0, 1000)] };
    const after: SigningKeys = { next: key("n2", 50), active: key("n1", 50), activatedAt: 50, retired: [] };
    const replace = { type: "replace", active: key("n1", 50), next: key("n2", 50), now: 50 } as const;
    given(signingKeyDecider, { type: "signing_keys.created", data: { at: 0, keys: old } })
      .when(replace)
      .then(
        [{ type: "signing_keys.replaced", data: { kids: ["k2", "k1", "k0"], at: 50, keys: after } }],
        after,
      );
    given(signingKeyDecider).when(replace).then([], refused("invalid_request"));
  });

  it("are created once: a second process gets the first one's", () => {
    given(signingKeyDecider)
      .when({ type: "create", active: key("k1", 0), next: key("k2", 0), now: 0 })
      .then([created], keys);
    given(signingKeyDecider, created)
      .when({ type: "create", active: key("x1", 5), next: key("x2", 5), now: 5 })
      .then([], keys);
  });

  it("rotate: the next signs, the old one verifies on without its private part", () => {
    const after: SigningKeys = {
      next: key("k3", 100),
      active: key("k2", 0),
      activatedAt: 100,
      retired: [retired("k1", 0, 1000)],
    };
    given(signingKeyDecider, created)
      .when(rotate("k3", 100))
      .then([{ type: "signing_keys.rotated", data: { kid: "k2", at: 100, keys: after } }], after);
  });

  it("do not rotate to a key that verifiers may not have fetched yet", () =>
    given(signingKeyDecider, created).when(rotate("k3", 99)).then([], refused("invalid_request")));

  it("do not rotate where another key signs already: somebody else was first", () =>
    given(signingKeyDecider, created)
      .when(rotate("k3", 100, "k0"))
      .then([], keys));

  it("drop at a rotation what is dead by then", () => {
    const before = { ...keys, retired: [retired("old", 0, 100), retired("older", 0, 101)] };
    const after: SigningKeys = {
      next: key("k3", 100),
      active: key("k2", 0),
      activatedAt: 100,
      retired: [retired("older", 0, 101), retired("k1", 0, 1000)],
    };
    given(signingKeyDecider, { type: "signing_keys.created", data: { at: 0, keys: before } })
      .when(rotate("k3", 100))
      .then([{ type: "signing_keys.rotated", data: { kid: "k2", at: 100, keys: after } }], after);
  });

  it("are removed once their last token is dead, no sooner", () => {
    const before = { ...keys, retired: [retired("k0", 0, 500), retired("k00", 0, 600)] };
    const holding: SigningKeyEvent = { type: "signing_keys.created", data: { at: 0, keys: before } };
    const after = { ...keys, retired: [retired("k00", 0, 600)] };
    given(signingKeyDecider, holding)
      .when({ type: "remove_dead", now: 500 })
      .then([{ type: "signing_keys.removed", data: { kids: ["k0"], at: 500, keys: after } }], after);
    given(signingKeyDecider, holding).when({ type: "remove_dead", now: 499 }).then([], before);
  });

  it("that do not exist neither rotate nor go", () => {
    given(signingKeyDecider).when(rotate("k3", 100)).then([], refused("invalid_request"));
    given(signingKeyDecider).when({ type: "remove_dead", now: 100 }).then([], refused("invalid_request"));
  });
});
