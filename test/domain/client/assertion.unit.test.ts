import { describe, it } from "vitest";
import { assertionDecider } from "../../../domain/client/assertion.ts";
import { given } from "../../support/given.ts";

const assertion = { clientId: "app", expiresAt: 300 };
const used = { type: "client.assertion.used", data: { assertion } } as const;

describe("a client assertion (RFC 7523 §3)", () => {
  it("is accepted the first time", () => given(assertionDecider).when(assertion).then([used], true));

  it("is not accepted again", () => given(assertionDecider, used).when(assertion).then([], false));
});
