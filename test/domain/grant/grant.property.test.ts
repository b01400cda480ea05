import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GrantEvent } from "../../../domain/grant/grant.ts";
import { isAccessTokenRevoked } from "../../../domain/grant/revoke.ts";
import { isRefusal } from "../../../domain/oauth/refusal.ts";
import { intersectScope, isSubset } from "../../../domain/oauth/scope.ts";
import { terms, verifier } from "../../support/grant-events.ts";
import { play, policy, type Turn } from "../../support/grant-run.ts";
import { type Happening, happenings } from "../../support/grant-story.ts";

const always = (holds: (turns: readonly Turn[]) => void) =>
  fc.assert(
    fc.property(happenings, (story) => holds(play(story))),
    { numRuns: 300 },
  );

const grantOf = (event: GrantEvent | undefined) => event?.data.grant;
const issuedOf = ({ answer }: Turn) => (isRefusal(answer) || !("accessToken" in answer) ? undefined : answer);

describe("whatever happens to a grant", () => {
  it("its code is redeemed once, and a second valid redemption ends it (I2)", () =>
    always((turns) => {
      const valid = turns.filter(
        ({ command }) =>
          command.type === "redeem_code" && command.clientId === "app" && command.codeVerifier === verifier,
      );
      expect(valid.filter(issuedOf)).toHaveLength(1);
      for (const { after } of valid.slice(1)) expect(grantOf(after)?.status).toBe("ended");
    }));

  it("at most one refresh token is unspent (I3)", () =>
    always((turns) => {
      const unspent = new Set<string>();
      for (const turn of turns) {
        const issued = issuedOf(turn);
        if (!issued || issued.refreshToken === "same_successor") continue;
        if (turn.command.type === "refresh") unspent.delete(turn.command.presented.hash);
        if (issued.grant.refreshToken) unspent.add(issued.grant.refreshToken.hash);
        expect([...unspent]).toEqual([issued.grant.refreshToken?.hash]);
      }
    }));

  it("a repeat gets the same successor, in the window and as often as allowed (I4)", () =>
    always((turns) => {
      const repeats = new Map<string, number>();
      for (const turn of turns) {
        const issued = issuedOf(turn);
        if (issued?.refreshToken !== "same_successor" || turn.command.type !== "refresh") continue;
        const before = grantOf(turn.before);
        const successor = before?.status === "active" ? before.refreshToken : null;
        expect(issued.grant.refreshToken).toEqual(successor);
        expect(turn.command.now - (successor?.issuedAt ?? 0)).toBeLessThanOrEqual(policy.graceWindow);
        const count = (repeats.get(turn.command.presented.hash) ?? 0) + 1;
        repeats.set(turn.command.presented.hash, count);
        expect(count).toBeLessThanOrEqual(policy.maxRepeats);
      }
    }));

  it("what another client asks for and a token never issued change nothing (I4)", () =>
    always((turns) => {
      for (const { command, events } of turns) {
        const isForeign = "clientId" in command && command.clientId === "other";
        const isForged =
          "presented" in command && command.presented?.hash !== undefined && isUnknown(command.presented);
        if (isForeign || isForged) expect(events).toEqual([]);
      }
    }));

  it("no token outlives it, and an ended grant issues none (I5, I6)", () =>
    always((turns) => {
      for (const turn of turns) {
        const issued = issuedOf(turn);
        if (!issued) continue;
        expect(grantOf(turn.before)?.status).not.toBe("ended");
        expect(issued.accessToken.expiresAt).toBeLessThanOrEqual(terms.expiresAt);
        expect(issued.grant.refreshToken?.expiresAt ?? 0).toBeLessThanOrEqual(terms.expiresAt);
        expect(issued.grant.lastsUntil).toBeGreaterThanOrEqual(issued.accessToken.expiresAt);
      }
    }));

  it("it is closed by a later epoch of its user, and by no earlier one (I5)", () =>
    always((turns) => {
      for (const { command, before, after, events } of turns) {
        if (command.type !== "close") continue;
        const grant = grantOf(before);
        const isLeft = grant?.status === "active" && grant.lastsUntil > command.now;
        const isHit = command.ending.epoch > (terms.userEpoch ?? 0);
        expect(events).toHaveLength(isLeft && isHit ? 1 : 0);
        if (isLeft && isHit) expect(grantOf(after)).toMatchObject({ status: "ended", reason: "user_ended" });
      }
    }));

  it("scope and audience stay within what was granted and is still allowed (I7)", () =>
    always((turns) => {
      for (const turn of turns) {
        const issued = issuedOf(turn);
        if (!issued || !("standing" in turn.command) || !turn.command.standing) continue;
        const { client, user, audience: resources } = turn.command.standing;
        const { scope, audience } = issued.accessToken;
        expect(scope.length).toBeGreaterThan(0);
        expect(isSubset(scope, intersectScope(terms.scope, client, user ?? terms.scope))).toBe(true);
        expect(audience.length).toBeGreaterThan(0);
        expect(isSubset(audience, terms.audience)).toBe(true);
        expect(isSubset(audience, resources)).toBe(true);
      }
    }));

  it("a refusal leaves a reuse or a replay behind, or nothing (I10)", () =>
    always((turns) => {
      for (const { answer, events } of turns) {
        if (!isRefusal(answer) || events.length === 0) continue;
        expect(["grant.refresh_token.reused", "grant.code.replayed"]).toContain(events[0]?.type);
        expect(events.slice(1).map(({ type }) => type)).toEqual(["grant.revoked"]);
      }
    }));

  it("an access token that was revoked by itself stays so (I5)", () =>
    always((turns) => {
      const revoked = new Set<number>();
      for (const { command, after } of turns) {
        const grant = grantOf(after);
        if (grant?.status !== "active") return;
        if (command.type === "revoke_access_token") revoked.add(command.tokenRevision);
        for (const revision of revoked) expect(isAccessTokenRevoked(grant, revision)).toBe(true);
      }
    }));

  it("its last event stays small (I14)", () =>
    always((turns) => {
      for (const { after } of turns) expect(JSON.stringify(after).length).toBeLessThan(2_700);
    }));
});

describe("a grant's last event (I14)", () => {
  const refreshing = { pick: 0, forged: false, clientId: "app", scope: undefined, audience: undefined };
  const cycle: readonly Happening[] = [
    { kind: "refresh", ...refreshing, user: ["read", "write"], resources: terms.audience },
    { kind: "revoke_access_token", pick: 0 },
    { kind: "wait", time: 3_000 },
  ];
  const sizeAfter = (cycles: number) => {
    const turns = play(Array.from({ length: cycles }, () => cycle).flat());
    expect(grantOf(turns.at(-1)?.after)?.status).toBe("active");
    return JSON.stringify(turns.at(-1)?.after).length;
  };

  it("is as large after 3,000 refreshes and revocations as after 300, but for the digits of a revision", () =>
    expect(sizeAfter(3_000) - sizeAfter(300)).toBeLessThan(40));
});

const isUnknown = ({ hash, issuedBy }: { hash: string; issuedBy: GrantEvent | undefined }) => {
  const grant = grantOf(issuedBy);
  const known = [
    grant?.status === "pending" && grant.code.hash,
    grant?.status === "active" && grant.refreshToken?.hash,
  ];
  return !known.includes(hash);
};
