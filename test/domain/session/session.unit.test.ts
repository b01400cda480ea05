import { describe, expect, it } from "vitest";
import { type SessionCommand, sessionDecider } from "../../../domain/session/decide.ts";
import { isEndOnPurpose, type SessionEndReason, type SessionEvent } from "../../../domain/session/session.ts";
import { given } from "../../support/given.ts";
import { ended, minutes, policy, session, sessions, started } from "../../support/session-events.ts";

const a = session("a", 0);
const b = session("b", 1);
const c = session("c", 2);
const m = session("m", 1, { kind: "mcp" });

const start = (
  { sessionId, kind, startedAt }: typeof a,
  changes: Partial<typeof policy> = {},
  replaces?: string,
): SessionCommand => ({
  type: "start",
  sessionId,
  userId: "ada",
  userEpoch: 0,
  kind,
  openedBy: null,
  origin: null,
  remembered: false,
  secretHash: `secret-${sessionId}`,
  replaces,
  policy: { ...policy, ...changes },
  now: startedAt,
});

describe("starting a session", () => {
  it("makes it live", () =>
    given(sessionDecider)
      .when(start(a))
      .then([started(a, sessions([a]))], a));

  it("evicts the oldest over the limit (I8)", () =>
    given(sessionDecider, started(b, sessions([b, a])))
      .when(start(c))
      .then([ended(a, "evicted", 2, sessions([b])), started(c, sessions([b, c]))], c));

  it("counts each kind by itself", () =>
    given(sessionDecider, started(b, sessions([a, b])))
      .when(start(m))
      .then([started(m, sessions([a, b, m]))], m));

  it("evicts as many as a lowered limit asks for", () =>
    given(sessionDecider, started(m, sessions([a, b, m])))
      .when(start(c, { maxPerUser: 1 }))
      .then(
        [
          ended(a, "evicted", 2, sessions([b, m])),
          ended(b, "evicted", 2, sessions([m])),
          started(c, sessions([m, c])),
        ],
        c,
      ));

  it("ends what has expired before it evicts anything", () => {
    const late = session("late", 30);
    given(sessionDecider, started(b, sessions([a, b])))
      .when(start(late))
      .then([ended(a, "expired", 30, sessions([b])), started(late, sessions([b, late]))], late);
  });

  it("ends the one that it replaces, which makes room: nobody else is evicted", () =>
    given(sessionDecider, started(b, sessions([a, b])))
      .when(start(c, {}, "b"))
      .then([ended(b, "replaced", 2, sessions([a])), started(c, sessions([a, c]))], c));

  it("ends those that a raised epoch had left open, before anybody is evicted", () => {
    const fresh = session("fresh", 2, { userEpoch: 1 });
    const remembered = [a, b].map(({ sessionId, startedAt }) => ({ sessionId, startedAt }));
    const [first, both] = [remembered.slice(0, 1), remembered];
    given(sessionDecider, started(b, sessions([a, b])))
      .when({ ...start(fresh), userEpoch: 1 } as SessionCommand)
      .then(
        [
          ended(a, "ended_everywhere", 2, sessions([b], { endedOnPurpose: first })),
          ended(b, "ended_everywhere", 2, sessions([], { endedOnPurpose: both })),
          started(fresh, sessions([fresh], { endedOnPurpose: both })),
        ],
        fresh,
      );
  });

  it("still evicts what a lowered limit asks for, after the one that it replaces", () =>
    given(sessionDecider, started(b, sessions([a, b])))
      .when(start(c, { maxPerUser: 1 }, "b"))
      .then(
        [
          ended(b, "replaced", 2, sessions([a])),
          ended(a, "evicted", 2, sessions([])),
          started(c, sessions([c])),
        ],
        c,
      ));

  it("replaces one that has expired, and expires the others", () => {
    const late = session("late", 31);
    given(sessionDecider, started(b, sessions([a, b])))
      .when(start(late, {}, "b"))
      .then(
        [
          ended(b, "replaced", 31, sessions([a])),
          ended(a, "expired", 31, sessions([])),
          started(late, sessions([late])),
        ],
        late,
      );
  });

  it("replaces nothing that is not live", () =>
    given(sessionDecider, started(a, sessions([a])))
      .when(start(c, {}, "x"))
      .then([started(c, sessions([a, c]))], c));

  it("gives no session longer than the absolute lifetime (I6)", () => {
    const short = session("a", 0, { expiresAt: minutes(5), absoluteExpiresAt: minutes(5) });
    given(sessionDecider)
      .when(start(a, { absoluteLifetime: 5 * 60_000 }))
      .then([started(short, sessions([short]))], short);
  });
});

describe("using a session", () => {
  const touch = (sessionId: string, now: number, changes: Partial<typeof policy> = {}): SessionCommand => ({
    type: "touch",
    sessionId,
    policy: { ...policy, ...changes },
    now,
  });
  const slid = (which: typeof a, minute: number, expiresAt = minutes(minute) + policy.ttl) => ({
    ...which,
    lastSeenAt: minutes(minute),
    expiresAt,
  });
  const slidEvent = (which: typeof a, live: readonly (typeof a)[]): SessionEvent => ({
    type: "session.slid",
    data: { session: which, sessions: sessions(live) },
  });
  const both = started(b, sessions([a, b]));

  it("slides it once a minute has passed", () =>
    given(sessionDecider, both)
      .when(touch("a", minutes(1)))
      .then([slidEvent(slid(a, 1), [slid(a, 1), b])], slid(a, 1)));

  it("records nothing earlier", () =>
    given(sessionDecider, both)
      .when(touch("a", minutes(1) - 1))
      .then([], a));

  it("slides after a tenth of a TTL that is shorter than ten minutes", () => {
    const ttl = 100_000;
    const after = { ...a, lastSeenAt: minutes(0) + 10_000, expiresAt: minutes(0) + 10_000 + ttl };
    given(sessionDecider, both)
      .when(touch("a", minutes(0) + 10_000, { ttl }))
      .then([slidEvent(after, [after, b])], after);
    given(sessionDecider, both)
      .when(touch("a", minutes(0) + 9_999, { ttl }))
      .then([], a);
  });

  it("says from where it is used now, where that is another place", () => {
    const home = session("a", 0, { origin: "sealed home" });
    const moved = { ...slid(home, 1), origin: "sealed away" };
    given(sessionDecider, started(home, sessions([home])))
      .when({ ...touch("a", minutes(1)), origin: "sealed away" } as SessionCommand)
      .then([slidEvent(moved, [moved])], moved);
    given(sessionDecider, started(home, sessions([home])))
      .when(touch("a", minutes(1)))
      .then([slidEvent(slid(home, 1), [slid(home, 1)])], slid(home, 1));
    given(sessionDecider, started(home, sessions([home])))
      .when({ ...touch("a", minutes(0)), origin: "sealed away" } as SessionCommand)
      .then([], home);
  });

  it("keeps the end of a remembered one, under whatever policy", () => {
    const long = session("a", 0, { remembered: true, expiresAt: minutes(900) });
    const after = slid(long, 20, minutes(900));
    given(sessionDecider, started(long, sessions([long])))
      .when(touch("a", minutes(20), { ttl: 100_000 }))
      .then([slidEvent(after, [after])], after);
  });

  it("does not slide it where sliding is off", () =>
    given(sessionDecider, both)
      .when(touch("a", minutes(20), { sliding: false }))
      .then([], a));

  it("slides to the absolute expiry and no further (I6)", () => {
    const old = session("a", 0, { absoluteExpiresAt: minutes(40) });
    const after = slid(old, 20, minutes(40));
    given(sessionDecider, started(old, sessions([old])))
      .when(touch("a", minutes(20)))
      .then([slidEvent(after, [after])], after);
  });

  it.each([
    ["its time", a, 30],
    ["its absolute time", session("a", 0, { absoluteExpiresAt: minutes(10) }), 10],
  ])("ends it at %s", (_, which, minute) =>
    given(sessionDecider, started(which, sessions([which])))
      .when(touch("a", minutes(minute)))
      .then([ended(which, "expired", minute, sessions([]))], undefined),
  );

  it("knows no session that is not live", () =>
    given(sessionDecider, both)
      .when(touch("x", minutes(2)))
      .then([], undefined));
});

describe("ending a session", () => {
  const end = (sessionId: string, reason: SessionEndReason, minute: number): SessionCommand => ({
    type: "end",
    sessionId,
    reason,
    now: minutes(minute),
  });
  const both = started(b, sessions([a, b]));
  const remembered = ({ sessionId, startedAt }: typeof a) => ({ sessionId, startedAt });

  it.each(["signed_out", "ended_by_user", "ended_by_operator"] as const)(
    "on purpose (%s) is remembered, so that its tokens end too",
    (reason) =>
      given(sessionDecider, both)
        .when(end("a", reason, 5))
        .then([ended(a, reason, 5, sessions([b], { endedOnPurpose: [remembered(a)] }))], undefined),
  );

  it("by eviction is not remembered: the tokens live on", () =>
    given(sessionDecider, both)
      .when(end("a", "evicted", 5))
      .then([ended(a, "evicted", 5, sessions([b]))], undefined));

  it("after it has expired keeps the reason: its tokens end all the same", () =>
    given(sessionDecider, both)
      .when(end("a", "signed_out", 45))
      .then([ended(a, "signed_out", 45, sessions([b], { endedOnPurpose: [remembered(a)] }))], undefined));

  it("remembers 32 one by one, the older ones by their start (I14)", () => {
    const earlier = Array.from({ length: 32 }, (_, index) => remembered(session(`e${index}`, index - 40)));
    const full = sessions([a, b], { endedOnPurpose: earlier });
    const after = sessions([b], {
      endedOnPurpose: [...earlier.slice(1), remembered(a)],
      endedThrough: minutes(-40),
    });
    given(sessionDecider, started(b, full))
      .when(end("a", "signed_out", 5))
      .then([ended(a, "signed_out", 5, after)], undefined);
  });

  it("never lowers what is remembered by its start", () => {
    const earlier = Array.from({ length: 32 }, (_, index) => remembered(session(`e${index}`, index - 40)));
    const full = sessions([a], { endedOnPurpose: earlier, endedThrough: minutes(-10) });
    const after = sessions([], {
      endedOnPurpose: [...earlier.slice(1), remembered(a)],
      endedThrough: minutes(-10),
    });
    given(sessionDecider, started(a, full))
      .when(end("a", "signed_out", 5))
      .then([ended(a, "signed_out", 5, after)], undefined);
  });

  it("that is not live records nothing", () =>
    given(sessionDecider, both)
      .when(end("x", "signed_out", 5))
      .then([], undefined));

  it("expires all that are due, one event each", () =>
    given(sessionDecider, started(c, sessions([a, b, c])))
      .when({ type: "expire", now: minutes(31) })
      .then([ended(a, "expired", 31, sessions([b, c])), ended(b, "expired", 31, sessions([c]))], undefined));

  it("ends all of an older epoch, and no newer one", () => {
    const fresh = session("fresh", 2, { userEpoch: 1 });
    const { sessionId, startedAt } = a;
    const after = sessions([fresh], { endedOnPurpose: [{ sessionId, startedAt }] });
    given(sessionDecider, started(fresh, sessions([a, fresh])))
      .when({ type: "end_older", userEpoch: 1, now: minutes(3) })
      .then([ended(a, "ended_everywhere", 3, after)], undefined);
  });

  it("records nothing where none is due", () =>
    given(sessionDecider, both)
      .when({ type: "expire", now: minutes(29) })
      .then([], undefined));
});

it.each([
  ["signed_out", true],
  ["ended_by_user", true],
  ["ended_by_operator", true],
  ["ended_everywhere", true],
  ["expired", false],
  ["evicted", false],
  ["replaced", false],
] as const)("a session that is %s ends the tokens bound to it: %s (I6)", (reason, ends) => {
  expect(isEndOnPurpose(reason)).toBe(ends);
});
