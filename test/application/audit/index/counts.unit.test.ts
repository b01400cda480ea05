import { describe, expect, it } from "vitest";
import { countsOf } from "../../../../application/audit/index/counts.ts";
import type { DomainEvent } from "../../../../domain/decider.ts";
import { at, authorized, redeemed, revoked, rotated, terms } from "../../../support/grant-events.ts";
import { memory, networkOf, observed } from "../../../support/observed.ts";
import { ended, session, sessions, started } from "../../../support/session-events.ts";

const day = Math.floor(at(0) / 86_400_000);
const counted = (event: DomainEvent) => countsOf(observed(event, { stream: "x", time: at(0) }), memory());
const one = { day, count: 1 };

const ada = session("s1", 0, { userId: "u_ada" });
const opener = { grantId: "g1", clientId: "app", revision: 1, scope: ["read"] };
const opened = session("m1", 0, { kind: "mcp", openedBy: opener });

const reused: DomainEvent = {
  type: "grant.refresh_token.reused",
  data: { ...redeemed.data, revision: 1, at: at(9) },
};

describe("an event is counted for all and for its client", () => {
  it.each([
    ["a code", authorized, "granted.authorization_code"],
    ["a redeemed code", redeemed, "issued.authorization_code"],
    ["a refresh", rotated(at(5)), "issued.refresh_token"],
    ["a repeated answer", { ...rotated(at(5)), type: "grant.refresh_token.repeated" }, "issued.repeat"],
    ["a reuse", reused, "detected.refresh_token_reused"],
    ["a revocation", revoked("operator", at(9), at(9)), "revoked.operator"],
    ["an MCP session", started(opened, sessions([opened])), "started.mcp"],
    ["its end", ended(opened, "closed", 5, sessions([])), "ended.closed"],
  ])("%s", (_, event, what) => {
    expect(counted(event)).toEqual([
      { ...one, what, dimension: "all", value: "" },
      { ...one, what, dimension: "client", value: terms.clientId },
    ]);
  });

  it("where it has one", () => {
    const event = started(ada, sessions([ada]));
    expect(counted(event)).toEqual([{ ...one, what: "started.browser", dimension: "all", value: "" }]);
  });

  it("refusals as many as there were, on the day on which they were recorded", () => {
    const refusals = (clientId: string | null): DomainEvent => ({
      type: "refusals.counted",
      data: { kind: "/auth/token invalid_grant", clientId, count: 7, windowStart: at(-60), windowEnd: at(0) },
    });
    const what = "refused./auth/token invalid_grant";
    expect(counted(refusals("app"))).toEqual([
      { day, what, dimension: "all", value: "", count: 7 },
      { day, what, dimension: "client", value: "app", count: 7 },
    ]);
    expect(counted(refusals(null))).toHaveLength(1);
  });

  it("not at all where it is none of these", () => {
    const slid = { ...started(ada, sessions([ada])), type: "session.slid" };
    expect(counted(slid)).toEqual([]);
    expect(counted({ type: "closure.completed", data: {} })).toEqual([]);
  });
});

it("counts a sign-in for its block of addresses, whose clear text is remembered once", () => {
  const recall = memory();
  const event = started(ada, sessions([ada]));
  const signIn = observed(event, { stream: "x", time: at(0) }, { network: networkOf("b1", "v1") });
  for (let times = 0; times < 2; times += 1)
    expect(countsOf(signIn, recall)).toContainEqual({
      ...one,
      what: "started.browser",
      dimension: "block",
      value: "b1",
    });
  const again = { ...signIn, network: { ...networkOf("b1", "v1"), sealedBlock: "sealed anew" } };
  countsOf(again, recall);
  expect([...recall.kept]).toEqual([["block:b1", "sealed b1"]]);
});
