import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessAt, differenceOf } from "../../../application/audit/access.ts";
import { explainToken } from "../../../application/audit/explain.ts";
import { buildIndex, type IndexDependencies } from "../../../application/audit/index/build.ts";
import type { PastDependencies } from "../../../application/audit/past.ts";
import { nameOf } from "../../../application/audit/reason.ts";
import { termsOfSubject, timelineOf } from "../../../application/audit/timeline.ts";
import { eraseUser } from "../../../application/commands/erase-user.ts";
import { setUserScopes, setUserStatus } from "../../../application/commands/manage-users.ts";
import { ref } from "../../../application/documents.ts";
import { askedToken, introspect } from "../../../application/queries/introspect.ts";
import { openAuditIndex } from "../../../infrastructure/audit/index-file.ts";
import { addressParts } from "../../../infrastructure/network/addresses.ts";
import {
  demoClient,
  type FlowClient,
  refreshForm,
  requestToken,
  type Tokens,
  tokensOf,
} from "../../support/code-flow.ts";
import { Person } from "../../support/person.ts";
import { postForm } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

const operator = { actor: "operator", correlationId: "test" };

/** What was answered of a token at one moment. */
interface Answered {
  readonly token: string;
  readonly at: number;
  readonly active: boolean;
}

/** A server with a story, an index of it, and what introspection said of every token after each step. */
class Story {
  readonly answers: Answered[] = [];
  readonly tokens: string[] = [];
  readonly moments = new Map<string, number>();
  readonly server: TestServer;
  readonly person: Person;
  readonly #client: FlowClient;

  constructor(server: TestServer) {
    this.server = server;
    this.#client = demoClient(server);
    this.person = new Person(server.issuer);
  }

  authorize = async (): Promise<Tokens> =>
    this.#noted(await tokensOf(this.server, this.person, this.#client));

  refresh = async (token: string): Promise<Tokens> =>
    this.#noted((await (await requestToken(this.server, refreshForm(this.#client, token))).json()) as Tokens);

  revoke = (token: string) =>
    postForm(`${this.server.issuer}/auth/revoke`, { token, client_id: this.#client.id });

  #noted(tokens: Tokens): Tokens {
    if (tokens.access_token) this.tokens.push(tokens.access_token, tokens.refresh_token);
    return tokens;
  }

  /** Does something, and asks of all tokens afterwards what they are good for. */
  async step(name: string, work: () => Promise<unknown>): Promise<void> {
    await work();
    const { context } = this.server.runtime;
    // No event has the millisecond of this moment, or of the next step.
    await sleep(2);
    const at = Date.now();
    this.moments.set(name, at);
    const [client] = await context.documents.fromLog([ref.client(this.#client.id)]);
    if (!client) throw new Error("no client");
    for (const token of this.tokens) {
      const { active } = await introspect(context, { kind: "client", client }, askedToken(context, token));
      this.answers.push({ token, at, active });
    }
    await sleep(2);
  }

  at(name: string): number {
    return this.moments.get(name) ?? Number.NaN;
  }
}

describe("the past", () => {
  let server: TestServer;
  let story: Story;
  let audit: IndexDependencies &
    PastDependencies &
    TestServer["runtime"]["context"] & { readonly store: TestServer["runtime"]["store"] };
  let userId: string;
  const tokens: Record<string, Tokens> = {};

  beforeAll(async () => {
    server = await startTestServer({ refreshGraceSeconds: 0 });
    const { context, store } = server.runtime;
    story = new Story(server);
    const step = story.step.bind(story);
    await step("nothing yet", async () => undefined);
    await step("signed in", () => story.person.signIn("alice"));
    await step("first", async () => {
      tokens.first = await story.authorize();
    });
    await step("refreshed", async () => {
      tokens.refreshed = await story.refresh(tokens.first?.refresh_token ?? "");
    });
    await step("second", async () => {
      tokens.second = await story.authorize();
    });
    await step("access token revoked", () => story.revoke(tokens.second?.access_token ?? ""));
    await step("reused", () => story.refresh(tokens.first?.refresh_token ?? ""));
    userId = context.tokens.read(tokens.first?.access_token ?? "")?.claims.sub ?? "";
    await step("write taken away", () => setUserScopes(context, userId, ["read"], operator));
    await step("all taken away", () => setUserScopes(context, userId, [], operator));
    await step("given back", () => setUserScopes(context, userId, ["read", "write"], operator));
    await step("third", async () => {
      tokens.third = await story.authorize();
    });
    await step("signed out", () => story.person.signOut());
    await step("fourth", async () => {
      await story.person.signIn("alice");
      tokens.fourth = await story.authorize();
    });
    await step("disabled", () => setUserStatus(context, userId, "disable", operator));
    await step("enabled", () => setUserStatus(context, userId, "enable", operator));
    const index = openAuditIndex({ file: ":memory:", logId: store.logId });
    audit = {
      ...context,
      store,
      index,
      addressParts,
      erasureList: { all: async () => [] },
      archived: { at: async () => undefined },
    };
    await buildIndex(audit, { pageSize: 7 });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("is told as introspection answered at every moment, and each verdict has its reasons", async () => {
    expect(story.answers.filter(({ active }) => active).length).toBeGreaterThan(15);
    expect(story.answers.filter(({ active }) => !active).length).toBeGreaterThan(15);
    for (const { token, at, active } of story.answers) {
      const explanation = await explainToken(audit, token, at);
      expect({ token, at, active: explanation.active }).toEqual({ token, at, active });
      expect(explanation.reasons.every(({ holds }) => holds)).toBe(active);
      expect(explanation.scope.length > 0).toBe(active);
    }
  });

  it.each([
    ["first", "refreshed", "access_token", undefined],
    ["first", "refreshed", "refresh_token", /had been used.*refresh token rotated/],
    ["first", "reused", "access_token", /the grant had ended.*spent came back/],
    ["second", "access token revoked", "access_token", /it was revoked/],
    ["second", "all taken away", "refresh_token", /nothing of its scope was left/],
    ["third", "signed out", "access_token", /session that it was bound to was ended on purpose.*signed out/],
    ["fourth", "disabled", "access_token", /all that the user had was ended.*disabled/],
    ["fourth", "enabled", "access_token", /all that the user had was ended.*disabled/],
    ["fourth", "third", "access_token", /issued only later/],
  ] as const)(
    "says of the token of %s, when it was %s, why the %s is not good",
    async (of, when, kind, why) => {
      const { reasons, events } = await explainToken(audit, tokens[of]?.[kind] ?? "", story.at(when));
      const against = reasons.filter(({ holds }) => !holds).map(({ text }) => text);
      if (why === undefined) expect(against).toEqual([]);
      else expect(against).toContainEqual(expect.stringMatching(why));
      for (const { event } of reasons)
        if (event !== null) expect(events.map((cited) => cited.event)).toContain(event);
    },
  );

  it("names the sign-in, the consent and the code that a token rests on", async () => {
    const { reasons, scope, resources } = await explainToken(
      audit,
      tokens.second?.access_token ?? "",
      story.at("second"),
    );
    const texts = reasons.map(({ text }) => text).join("\n");
    for (const text of ["it was issued", "the grant began", "the user had agreed", "the user had signed in"])
      expect(texts).toContain(text);
    expect(scope).toEqual(["read", "write"]);
    expect(resources).toContain(`${server.issuer}/mcp`);
  });

  it("tells less of a scope that was taken away in part", async () => {
    const { scope } = await explainToken(
      audit,
      tokens.second?.refresh_token ?? "",
      story.at("write taken away"),
    );
    expect(scope).toEqual(["read"]);
  });

  it("knows a token that was altered from the one that was issued", async () => {
    const token = tokens.second?.access_token ?? "";
    const altered = `${token.slice(0, -5)}${token.endsWith("AAAAA") ? "BBBBB" : "AAAAA"}`;
    const { active, reasons } = await explainToken(audit, altered, story.at("second"));
    expect(active).toBe(false);
    expect(reasons.at(-1)?.text).toMatch(/altered, cut off or made up/);
  });

  it.each([
    ["half of a JWT", () => tokens.first?.access_token.slice(0, 200), /not the whole of it/],
    ["half of a refresh token", () => tokens.first?.refresh_token.slice(0, 40), /not the whole of one/],
    ["nothing", () => "", /no token/],
    ["two lines", () => "abc def", /no spaces/],
  ])("cannot be asked by %s", async (_, token, message) => {
    await expect(explainToken(audit, token() ?? "", Date.now())).rejects.toThrow(message);
  });

  it("cannot be asked by a token of another issuer", async () => {
    const elsewhere = { ...audit, policy: { ...audit.policy, issuer: "https://other.example" } };
    await expect(explainToken(elsewhere, tokens.first?.access_token ?? "", Date.now())).rejects.toThrow(
      /another issuer than https:\/\/other\.example/,
    );
  });

  it("says who could do what, and what changed", async () => {
    const before = await accessAt(audit, userId, story.at("second"));
    expect(before).toMatchObject({ status: "active", scope: ["read", "write"], isComplete: true, gone: [] });
    expect(before.access.map(({ how }) => how).sort()).toEqual(["app", "app", "session"]);
    const after = await accessAt(audit, userId, story.at("disabled"));
    expect(after).toMatchObject({ status: "disabled", access: [] });
    expect(differenceOf(before, after).map(({ change }) => change)).toEqual(["lost", "lost", "lost"]);
    expect(differenceOf(before, before)).toEqual([]);
    expect((await accessAt(audit, userId, story.at("nothing yet"))).access).toEqual([]);
    expect((await accessAt(audit, "u_0000000000000000000000", Date.now())).status).toBe("unknown");
  });

  it("is found by token, hash, grant, user, client, session, address and request, with cause and effect", async () => {
    const range = { limit: 200, isFollowingCauses: false };
    const typesOf = async (subject: Parameters<typeof termsOfSubject>[1], isFollowingCauses = false) => {
      const { entries } = await timelineOf(audit, termsOfSubject(audit, subject), {
        ...range,
        isFollowingCauses,
      });
      return entries.map(({ indexed }) => indexed.type);
    };
    const family = [
      "grant.authorized",
      "grant.code.redeemed",
      "grant.refresh_token.rotated",
      "grant.refresh_token.reused",
      "grant.revoked",
    ];
    const token = tokens.first?.access_token ?? "";
    const explanation = await explainToken(audit, token, story.at("first"));
    const [hash] = (
      await audit.store.read(`grant-${explanation.grantId}`, { direction: "forwards", from: 1, limit: 1 })
    ).map(({ data }) => (data as { accessToken: { hash: string } }).accessToken.hash);
    expect(await typesOf({ by: "token", token })).toEqual(family);
    expect(await typesOf({ by: "token", token: tokens.refreshed?.refresh_token ?? "" })).toEqual(family);
    expect(await typesOf({ by: "hash", hash: hash ?? "" })).toEqual(family);
    expect(await typesOf({ by: "hash", hash: Buffer.from(hash ?? "", "base64url").toString("hex") })).toEqual(
      family,
    );
    expect(await typesOf({ by: "grant", id: explanation.grantId })).toEqual(family);
    expect(await typesOf({ by: "token", token }, true)).toContain("consent.given");
    expect(await typesOf({ by: "user", id: userId })).toContain("user.disabled");
    expect(await typesOf({ by: "client", id: demoClient(server).id })).toContain("client.registered");
    const started = (await typesOf({ by: "address", address: "127.0.0.1" })).filter(
      (type) => type === "session.started",
    );
    expect(started).toHaveLength(2);
    expect(await typesOf({ by: "address", address: "::ffff:127.0.0.1" })).toHaveLength(started.length);
    expect(await typesOf({ by: "address", address: "127.0.0.0/24" })).toHaveLength(started.length);
    expect(await typesOf({ by: "address", address: "127.0.1.1" })).toEqual([]);
    expect(() => termsOfSubject(audit, { by: "address", address: "127.0.0.0/8" })).toThrow(/\/24/);
    expect(() => termsOfSubject(audit, { by: "address", address: "elsewhere" })).toThrow(/no IP address/);
    expect(() => termsOfSubject(audit, { by: "hash", hash: "abc" })).toThrow(/SHA-256/);
  });

  it("is shown by its newest part where there is too much, and says so", async () => {
    const terms = termsOfSubject(audit, { by: "user", id: userId });
    const { entries, hasEarlier } = await timelineOf(audit, terms, { limit: 2, isFollowingCauses: false });
    expect(hasEarlier).toBe(true);
    expect(entries.map(({ indexed }) => nameOf(indexed)).at(-1)).toMatch(/^(user|sessions)-/);
    const to = audit.index.positionAt(story.at("first"));
    const early = await timelineOf(audit, terms, { limit: 200, to, isFollowingCauses: false });
    expect(early.entries.every(({ indexed }) => indexed.time <= story.at("first"))).toBe(true);
    expect(early.hasEarlier).toBe(false);
  });

  it("says what an erasure left untellable, and what is told of it still", async () => {
    const keepLeaves = async () => true;
    const erasureList = { all: async () => [], add: async () => undefined };
    await eraseUser(
      { ...server.runtime.context, store: audit.store, erasureList, keepLeaves },
      userId,
      operator,
    );
    await buildIndex(audit);
    const before = await accessAt(audit, userId, story.at("second"));
    expect(before).toMatchObject({ status: "unknown", access: [] });
    expect(before.gone).toHaveLength(2);
    const { active } = await explainToken(audit, tokens.second?.access_token ?? "", story.at("second"));
    expect(active).toBeNull();
    const after = await explainToken(audit, tokens.second?.access_token ?? "", Date.now());
    expect(after.active).toBe(false);
    expect((await accessAt(audit, userId, Date.now())).status).toBe("erased");
  });
});
