import { describe, expect, it } from "vitest";
import { broken, family, forgedTokenAt, refreshTokenAt, Story } from "./history/story.ts";

describe("a history that is right has no violation", () => {
  it.each<[string, () => Story]>([
    ["issuing and refreshing", family],
    ["repeats inside the window", () => family().refresh(1).refresh(1).refresh(2)],
    ["reuse after the window", () => family().wait(11_000).refresh(1).refresh(2)],
    ["reuse after the successor was used", () => family().refresh(2).refresh(1).introspected(3, false)],
    ["a replayed code", () => family().redeem().introspected(2, false)],
    ["another client's refresh", () => family().refresh(2, undefined, "other").refresh(2)],
    ["a forged token", () => family().refresh(1, forgedTokenAt(new Story().grantId, 1)).refresh(2)],
    [
      "a revoked access token",
      () => family().introspected(1, true).revoke(1).introspected(1, false).introspected(2, true),
    ],
    ["a revoked family", () => family().revokeFamily(2).introspected(2, false)],
    ["a sign-out", () => family().signOut().introspected(2, false)],
    ["an eviction, which ends the cookie alone", () => family().signOut("evicted").introspected(2, true)],
    ["a disabled user", () => family().disable("user", "ada").introspected(2, false)],
    [
      "a grant that began after its client was enabled again",
      () => new Story().disable("client", "app").authorize().redeem().introspected(1, true),
    ],
    ["as many sessions as allowed", () => new Story().signIn("a", "b", "c", "d", "e")],
  ])("with %s", (_, story) => expect(broken(story())).toEqual([]));
});

describe("an answer of 503, or none, is no violation (I13)", () => {
  it.each([503, 500, 0])("%i", (status) => {
    const story = family();
    story.history.begin("browser").ended("session", "s1", status);
    story.history.begin("app").revoke(refreshTokenAt(story.grantId, 2), status);
    story.introspected(2, true).refresh(2).unanswered(status, null).introspected(3, true, status);
    expect(broken(story)).toEqual([]);
  });
});
