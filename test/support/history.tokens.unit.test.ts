import { describe, expect, it } from "vitest";
import type { GrantEvent } from "../../domain/grant/grant.ts";
import { formatSessionToken } from "../../domain/oauth/token-forms.ts";
import { accessTokenAt, broken, family, forgedTokenAt, refreshTokenAt, Story } from "./history/story.ts";
import { tokenRef } from "./history/token-ref.ts";

type Refreshed = Extract<GrantEvent, { type: "grant.refresh_token.rotated" }>["data"];

const expectBroken = (invariant: string) => (_: string, story: () => Story) =>
  expect(broken(story())).toContain(invariant);

describe("I1 is broken by", () => {
  it.each<[string, () => Story]>([
    ["an access token without its event", () => family().lose("grant.refresh_token.rotated")],
    [
      "a repeat's access token without its event",
      () => family().refresh(1).lose("grant.refresh_token.repeated"),
    ],
    ["a code without its event", () => new Story().authorize().lose("grant.authorized")],
    [
      "a refresh token that the event does not hold",
      () => {
        const story = family();
        const tokens = {
          access_token: accessTokenAt(story.grantId, 2),
          refresh_token: forgedTokenAt(story.grantId, 2),
        };
        story.history.begin("app").token("client_credentials", null, 200, tokens);
        return story;
      },
    ],
    [
      "a session without its event",
      () => {
        const story = new Story().signIn("a");
        const id = "i".repeat(22);
        story.history.begin("browser").signIn(formatSessionToken(`u_${id}`, id, "s".repeat(43)));
        return story;
      },
    ],
  ])("%s", expectBroken("I1"));
});

describe("I2 is broken by", () => {
  it.each<[string, () => Story]>([
    ["a code that was answered twice", () => family().answered("authorization_code", new Story().code, 1)],
    ["a replay that ended nothing", () => family().redeem().lose("grant.revoked")],
    [
      "a grant that went on after a replay",
      () => {
        const story = family().redeem();
        story.append(`grant-${story.grantId}`, "grant.revoked", story.events().at(-1)?.data);
        return story;
      },
    ],
    [
      "a second redemption in the log",
      () => {
        const story = new Story().authorize().redeem();
        story.append(`grant-${story.grantId}`, "grant.code.redeemed", story.events().at(-1)?.data);
        return story;
      },
    ],
  ])("%s", expectBroken("I2"));
});

describe("I3 is broken by", () => {
  it.each<[string, () => Story]>([
    [
      "a rotation of another token than the unspent one",
      () =>
        family()
          .refresh(2)
          .tamper<Refreshed>("grant.refresh_token.rotated", ({ accessToken, grant }) => ({
            accessToken,
            grant: { ...grant, spent: grant.spent && { ...grant.spent, revision: 1 } },
          })),
    ],
    [
      "a repeat that leaves another token behind",
      () =>
        family()
          .refresh(1)
          .tamper<Refreshed>("grant.refresh_token.repeated", ({ accessToken, grant }) => ({
            accessToken,
            grant: { ...grant, refreshToken: grant.refreshToken && { ...grant.refreshToken, revision: 3 } },
          })),
    ],
  ])("%s", expectBroken("I3"));
});

describe("I4 is broken by", () => {
  it.each<[string, () => Story]>([
    [
      "a repeat after the window",
      () =>
        family()
          .refresh(1)
          .tamper<Refreshed>("grant.refresh_token.repeated", ({ accessToken, grant }) => ({
            accessToken: { ...accessToken, issuedAt: accessToken.issuedAt + 11_000 },
            grant,
          })),
    ],
    [
      "a repeat that is not counted",
      () =>
        family()
          .refresh(1)
          .tamper<Refreshed>("grant.refresh_token.repeated", ({ accessToken, grant }) => ({
            accessToken,
            grant: { ...grant, spent: grant.spent && { ...grant.spent, repeats: 0 } },
          })),
    ],
    [
      "another successor",
      () => family().refresh(2).answered("refresh_token", refreshTokenAt(new Story().grantId, 1), 3),
    ],
    ["a reuse that ended nothing", () => family().refresh(2).refresh(1).lose("grant.revoked")],
    [
      "a reuse that left nothing at all",
      () => family().refresh(2).refresh(1).lose("grant.revoked").lose("grant.refresh_token.reused"),
    ],
    [
      "a repeat taken for a reuse",
      () =>
        family()
          .wait(11_000)
          .refresh(1)
          .tamper<{ at: number }>("grant.refresh_token.reused", (data) => ({
            ...data,
            at: data.at - 11_000,
          })),
    ],
    [
      "an end by a token that was never issued",
      () => {
        const story = family().wait(11_000).refresh(1);
        const own = story.history.entries.pop();
        if (own?.kind !== "token.refused") throw new Error("the reuse was not refused");
        story.history.entries.push({ ...own, presented: tokenRef(forgedTokenAt(story.grantId, 1)) });
        return story;
      },
    ],
  ])("%s", expectBroken("I4"));

  it("more repeats than allowed", () => {
    const story = family().refresh(1).refresh(1).refresh(1);
    expect(broken(story, { maxRepeats: 3 })).toEqual([]);
    expect(broken(story, { maxRepeats: 2 })).toEqual(["I4"]);
  });
});
