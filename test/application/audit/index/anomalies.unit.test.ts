import { describe, expect, it } from "vitest";
import { anomaliesOf } from "../../../../application/audit/index/anomalies.ts";
import type { Observed } from "../../../../application/audit/index/observed.ts";
import type { Anomaly } from "../../../../application/ports/audit-index.ts";
import type { DomainEvent } from "../../../../domain/decider.ts";
import { activeAfter, at, authorized, pending, redeemed, rotated } from "../../../support/grant-events.ts";
import { memory, networkOf, observed } from "../../../support/observed.ts";
import { ended, session, sessions, started } from "../../../support/session-events.ts";

/** What a detector says of the events of a story, one after the other. */
function noticed(story: readonly Observed[], recall = memory()): readonly Anomaly[] {
  return story.flatMap((event) => anomaliesOf(event, recall));
}

const inGrant = (event: DomainEvent, revision: number) => observed(event, { stream: "grant-g1", revision });

describe("refresh_token_reused", () => {
  const reused = (revision: number): DomainEvent => ({
    type: "grant.refresh_token.reused",
    data: { grant: activeAfter(rotated(at(5))), revision, at: at(20) },
  });

  it("names the event that issued the token, the one that spent it, and the one that showed it", () => {
    const [found, ...others] = noticed([inGrant(reused(1), 3)]);
    expect(found).toMatchObject({ kind: "refresh_token_reused", subject: "g1" });
    expect(found?.events).toEqual(["grant-g1@1", "grant-g1@2", "grant-g1@3"]);
    expect(others).toEqual([]);
  });

  it("does not guess which event spent an older one", () => {
    const [found] = noticed([inGrant(reused(0), 3)]);
    expect(found?.events).toEqual(["grant-g1@0", "grant-g1@3"]);
  });

  it("is no repeat inside the grace window", () => {
    const repeated = { ...rotated(at(5), 1), type: "grant.refresh_token.repeated" };
    expect(noticed([inGrant(redeemed, 1), inGrant(rotated(at(5)), 2), inGrant(repeated, 3)])).toEqual([]);
  });
});

describe("code_replayed", () => {
  it("names the code, its redemption and the replay", () => {
    const replayed = { type: "grant.code.replayed", data: { grant: activeAfter(redeemed), at: at(9) } };
    const [found] = noticed([inGrant(replayed, 2)]);
    expect(found).toMatchObject({ kind: "code_replayed", subject: "g1" });
    expect(found?.events).toEqual(["grant-g1@0", "grant-g1@1", "grant-g1@2"]);
  });

  it("is no first redemption", () => {
    expect(noticed([inGrant(authorized, 0), inGrant(redeemed, 1)])).toEqual([]);
  });
});

describe("session_moved", () => {
  const ada = session("s1", 0, { userId: "u_ada" });
  const [home, office, away] = ["v1", "v2", "v3"].map((vicinity) => networkOf(`b ${vicinity}`, vicinity));
  const begun = (network = home) =>
    observed(
      started(ada, sessions([ada])),
      { stream: "sessions-u_ada" },
      { ...(network ? { network } : {}) },
    );
  const slid = (revision: number, network = home) =>
    observed(
      { ...started(ada, sessions([ada])), type: "session.slid" },
      { stream: "sessions-u_ada", revision },
      network ? { network } : {},
    );

  it("names where the session was known last, and the event that came from elsewhere", () => {
    const [found, ...others] = noticed([begun(), slid(1, away)]);
    expect(found).toMatchObject({ kind: "session_moved", subject: "s1" });
    expect(found?.events).toEqual(["sessions-u_ada@0", "sessions-u_ada@1"]);
    expect(found?.explanation).not.toMatch(/v1|v3|u_ada/);
    expect(others).toEqual([]);
  });

  it("is no other address of the same vicinity, by an older key too", () => {
    const neighbour = { ...networkOf("b9", "v1 by the new key"), vicinities: ["v1 by the new key", "v1"] };
    expect(noticed([begun(), slid(1, networkOf("b8", "v1")), slid(2, neighbour)])).toEqual([]);
  });

  it("tells of a place once, however often the session goes to and fro", () => {
    const story = [begun(), slid(1, office), slid(2), slid(3, office), slid(4), slid(5, office)];
    expect(noticed(story)).toHaveLength(1);
  });

  it("is not known of a session that has told of no place, or of one that has ended", () => {
    const end = observed(ended(ada, "signed_out", 1, sessions([])), { stream: "x", revision: 2 });
    const recall = memory();
    expect(noticed([slid(1, away)], recall)).toEqual([]);
    expect(noticed([end], recall)).toEqual([]);
    expect(recall.kept.size).toBe(0);
  });

  it("remembers six places of a session", () => {
    const recall = memory();
    const story = Array.from({ length: 20 }, (_, index) => slid(index, networkOf(`b${index}`, `v${index}`)));
    expect(noticed(story, recall)).toHaveLength(19);
    expect(JSON.parse(recall.kept.get("session:s1") ?? "").vicinities).toHaveLength(6);
  });
});

describe("refusal_burst", () => {
  const day = 86_400_000;
  let revision = 0;
  const refused = (count: number, clientId: string | null = "app", time = at(0)): Observed => {
    revision += 1;
    const data = { kind: "/auth/token invalid_grant", clientId, count, windowStart: 0, windowEnd: 60_000 };
    return observed({ type: "refusals.counted", data }, { stream: "refusals", revision, time });
  };
  const often = (times: number, count: number) => Array.from({ length: times }, () => refused(count));

  it("is ten times what was usual for this client, and 50 at least", () => {
    const [found, ...others] = noticed([...often(20, 6), refused(61)]);
    expect(found).toMatchObject({ kind: "refusal_burst", subject: "app", events: [`refusals@${revision}`] });
    expect(found?.explanation).toMatch(/^61 refusals .* within 60 s, where 6 in a window were usual/);
    expect(others).toEqual([]);
  });

  it("is nothing that is usual, and no few", () => {
    expect(noticed([...often(20, 6), refused(59)])).toEqual([]);
    expect(noticed(often(20, 400).slice(1), memory())).toHaveLength(1);
    expect(noticed([refused(1), refused(49)])).toEqual([]);
  });

  it("is told once a day for each client, and of nobody that is known too", () => {
    const story = [refused(50), refused(9_000), refused(600, null), refused(9_000, "other")];
    expect(noticed(story).map(({ subject }) => subject)).toEqual(["app", "no known client", "other"]);
    const recall = memory();
    noticed([...often(30, 1), refused(70)], recall);
    expect(noticed([refused(5_000), refused(5_000, "app", at(0) + day)], recall)).toHaveLength(1);
  });

  it("does not take one burst for what is usual", () => {
    const recall = memory();
    noticed([...often(40, 2), refused(1_000_000)], recall);
    expect(noticed([refused(60, "app", at(0) + day)], recall)).toHaveLength(1);
  });
});

describe("scope_growth", () => {
  const client = (type: string, scopes: readonly string[]): DomainEvent => ({
    type,
    data: { client: { clientId: "app", scopes } },
  });
  const inClient = (event: DomainEvent, revision: number, actor = "client:app") =>
    observed(event, { stream: "client-app", revision }, { actor });
  const registered = inClient(client("client.registered", ["read"]), 0);

  it("is a client that may ask for more than it was registered with, told once for each scope", () => {
    const more = client("client.updated", ["read", "admin"]);
    const [found, ...others] = noticed([registered, inClient(more, 1), inClient(more, 2)]);
    expect(found).toMatchObject({ kind: "scope_growth", subject: "app" });
    expect(found?.events).toEqual(["client-app@0", "client-app@1"]);
    expect(found?.explanation).toMatch(/ask for admin, .* changed by itself/);
    expect(others).toEqual([]);
  });

  it("is no update with as much or less", () => {
    const story = [registered, inClient(client("client.updated", ["read"]), 1)];
    expect(noticed([...story, inClient(client("client.updated", []), 2)])).toEqual([]);
  });

  const granted = (number: number, scope: readonly string[]) =>
    observed(
      { type: "grant.authorized", data: { grant: { ...pending, scope } } },
      { stream: `grant-g${number}` },
    );
  const many = (count: number) => Array.from({ length: count }, (_, index) => granted(index, ["read"]));

  it("is a grant with a scope that none of fifty before had", () => {
    const [found, ...others] = noticed([...many(50), granted(50, ["read", "write"]), granted(51, ["write"])]);
    expect(found).toMatchObject({ kind: "scope_growth", subject: "app" });
    expect(found?.events).toEqual(["grant-g49@0", "grant-g50@0"]);
    expect(others).toEqual([]);
  });

  it("is told of the administrative scope as soon as a client had any grant without it", () => {
    const [found, ...others] = noticed([
      granted(0, ["read"]),
      granted(1, ["read", "admin"]),
      granted(2, ["admin"]),
    ]);
    expect(found?.explanation).toMatch(/was granted admin, which none of its grants before had \(1\)/);
    expect(others).toEqual([]);
    expect(noticed([granted(0, ["read", "admin"])])).toEqual([]);
  });

  it("is none while little is known of the client", () => {
    expect(noticed([...many(49), granted(49, ["read", "write"]), granted(50, ["write"])])).toEqual([]);
  });

  it("forgets a client that is deleted", () => {
    const recall = memory();
    noticed([registered, ...many(3), inClient(client("client.deleted", ["read"]), 1)], recall);
    expect(recall.kept.size).toBe(0);
  });
});
