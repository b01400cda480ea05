import { describe, expect, it } from "vitest";
import type { GrantEvent } from "../../domain/grant/grant.ts";
import { accessTokenAt, broken, family, refreshTokenAt, Story } from "./history/story.ts";
import { session, sessions } from "./session-events.ts";

type Refreshed = Extract<GrantEvent, { type: "grant.refresh_token.rotated" }>["data"];

const expectBroken = (invariant: string) => (_: string, story: () => Story) =>
  expect(broken(story())).toContain(invariant);

describe("I5 is broken by a token that is active after", () => {
  it.each<[string, () => Story]>([
    ["its own revocation", () => family().revoke(2).introspected(2, true)],
    ["its family's revocation", () => family().revokeFamily(2).introspected(1, true)],
    ["the sign-out of its session", () => family().signOut().introspected(2, true)],
    ["the disabling of its user", () => family().disable("user", "ada").introspected(2, true)],
    ["the disabling of its client", () => family().disable("client", "app").introspected(2, true)],
    [
      "its own revocation, at a resource of ours",
      () => {
        const story = family().revoke(2);
        story.history.begin("rs").resource(accessTokenAt(story.grantId, 2), 403);
        return story;
      },
    ],
  ])("%s", expectBroken("I5"));

  it("but not by one whose check began before the answer", () => {
    const story = family();
    const introspection = story.history.begin("rs");
    story.revoke(2);
    introspection.introspect(accessTokenAt(story.grantId, 2), 200, true);
    expect(broken(story)).toEqual([]);
  });
});

describe("I6 is broken by", () => {
  it.each<[string, () => Story]>([
    ["an access token that is active after its time", () => family().wait(903_000).introspected(1, true)],
    [
      "a refresh token that is taken after its time",
      () =>
        family()
          .wait(31 * 86_400_000)
          .answered("refresh_token", refreshTokenAt(new Story().grantId, 2), 2),
    ],
    [
      "a token that outlives its grant",
      () =>
        family().tamper<Refreshed>("grant.refresh_token.rotated", ({ accessToken, grant }) => ({
          accessToken: { ...accessToken, expiresAt: grant.expiresAt + 1 },
          grant,
        })),
    ],
  ])("%s", expectBroken("I6"));
});

describe("I8 is broken by", () => {
  it.each<[string, () => Story]>([
    ["too many sessions of a kind", () => new Story().signIn("a", "b", "c", "d", "e", "f")],
    [
      "a session that its list has lost",
      () => {
        const story = new Story().signIn("a");
        const data = { session: session("b", 1), sessions: sessions([session("b", 1)]) };
        story.append("sessions-ada", "session.started", data);
        return story;
      },
    ],
  ])("%s", expectBroken("I8"));
});

describe("I10 is broken by", () => {
  it.each<[string, () => Story]>([
    ["tokens issued for a request that was refused", () => family().unanswered(400, "invalid_scope")],
    [
      "an event of a request that was refused",
      () => {
        const story = family();
        const call = story.history.begin("app").as("request-1");
        call.token("refresh_token", null, 400, { error: "invalid_request" });
        const data = { session: session("a", 0), sessions: sessions([]) };
        story.append("sessions-ada", "session.slid", data, "request-1");
        return story;
      },
    ],
    [
      "a window that was counted twice",
      () => {
        const story = new Story();
        const count = { kind: "token", clientId: "app", count: 3, windowStart: 1, windowEnd: 2 };
        story.append("refusals", "refusals.counted", count);
        story.append("refusals", "refusals.counted", count);
        return story;
      },
    ],
  ])("%s", expectBroken("I10"));

  it("but not by what its decider names", () => {
    const story = family();
    story.history.begin("app").as("request-1").token("refresh_token", null, 400, { error: "invalid_grant" });
    const count = { kind: "token", clientId: "app", count: 1, windowStart: 1, windowEnd: 2 };
    story.append("refusals", "refusals.counted", count, "request-1");
    expect(broken(story)).toEqual([]);
  });
});

describe("I13 is broken by", () => {
  it.each<[string, () => Story]>([
    [
      "a revocation of an access token that is not in the log",
      () => family().revoke(2).lose("grant.access_token.revoked"),
    ],
    ["a revocation of a family that is not in the log", () => family().revokeFamily(2).lose("grant.revoked")],
    ["a sign-out that is not in the log", () => family().signOut().lose("session.ended")],
    ["a disabling that is not in the log", () => family().disable("user", "ada").lose("user.disabled")],
  ])("%s", expectBroken("I13"));

  it("but not by revoking what was never issued (RFC 7009 §2.2)", () => {
    const story = family();
    story.history.begin("app").revoke("no-token-of-ours", 200);
    story.history.begin("app").revoke(accessTokenAt(story.grantId, 9), 200);
    expect(broken(story)).toEqual([]);
  });
});

describe("I13 is broken by a grant that is said to have ended with", () => {
  it.each<[string, () => Story]>([
    ["its user, who did not", () => family().close({ what: "user", id: "ada", epoch: 9 })],
    ["its client, which did not", () => family().close({ what: "client", id: "app", epoch: 9 })],
    [
      "its session, which expired only",
      () => family().signOut("expired").close({ what: "session", id: "s1", epoch: 0 }),
    ],
  ])("%s", expectBroken("I13"));

  it("but not where it did before", () => {
    const closed = [
      family().disable("user", "ada").close({ what: "user", id: "ada", epoch: 9 }),
      family().disable("client", "app").close({ what: "client", id: "app", epoch: 9 }),
      family().signOut().close({ what: "session", id: "s1", epoch: 0 }),
    ];
    expect(closed.map((story) => broken(story))).toEqual([[], [], []]);
    expect(closed.every(({ log }) => log.at(-1)?.type === "grant.revoked")).toBe(true);
  });
});
