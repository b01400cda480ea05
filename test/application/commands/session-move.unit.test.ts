import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildIndex } from "../../../application/audit/index/build.ts";
import { addressTerms } from "../../../application/audit/index/origin.ts";
import { touchMcpSession } from "../../../application/commands/mcp-sessions.ts";
import { resumeSession, signIn } from "../../../application/commands/sign-in.ts";
import type { Context } from "../../../application/context.ts";
import { personalFieldsOf } from "../../../application/personal-fields.ts";
import { openClientOrigin, openOrigin, sealClientOrigin } from "../../../application/session-origin.ts";
import { streams } from "../../../application/streams.ts";
import type { Session, SessionEvent } from "../../../domain/session/session.ts";
import { openAuditIndex } from "../../../infrastructure/audit/index-file.ts";
import { loadConfig } from "../../../infrastructure/config/load.ts";
import { addressParts } from "../../../infrastructure/network/addresses.ts";
import { demoOf } from "../../../interfaces/cli/demo.ts";
import { compose, type Runtime } from "../../../interfaces/compose.ts";
import { session, sessions, started } from "../../support/session-events.ts";

const metadata = { actor: "operator", correlationId: "test" };
const from = (address: string) => ({ address, agent: `browser at ${address}` });
const home = from("198.51.100.7");
const neighbour = from("198.51.100.9");
const away = from("2001:db8::1");

let runtime: Runtime;
beforeAll(async () => {
  const config = loadConfig({ flags: { demo: true, ephemeral: true, logLevel: "silent" }, env: {} });
  runtime = await compose(config, pino({ level: "silent" }));
  await demoOf(runtime.context, config);
});
afterAll(() => runtime.close());

/** The use cases this many minutes later. */
const later = (minutes: number): Context => {
  const { context } = runtime;
  return { ...context, clock: { ...context.clock, now: () => context.clock.now() + minutes * 60_000 } };
};

async function signedIn(
  rememberMe = false,
): Promise<(minutes: number, origin?: typeof home) => Promise<Session>> {
  const credentials = { username: "alice", password: "password", rememberMe, origin: home };
  const answer = await signIn(runtime.context, credentials, metadata);
  if (!("cookie" in answer)) throw new Error(answer.refused);
  return async (minutes, origin = home) => {
    const signed = await resumeSession(later(minutes), answer.cookie, origin, metadata);
    if (!signed) throw new Error("the cookie opens nothing");
    await runtime.projector.catchUp(await runtime.store.lastPosition());
    return signed.session;
  };
}

const placeOf = async (one: Session) => openOrigin(await personalFieldsOf(runtime.context, one.userId), one);

describe("a session that is used from another address", () => {
  it("says so where its use is recorded anyhow, and keeps what it says while it stays there", async () => {
    const use = await signedIn();
    const begun = await use(0);
    expect((await use(0.5, away)).origin).toBe(begun.origin);
    const moved = await use(2, away);
    expect(await placeOf(moved)).toEqual(away);
    const stayed = await use(4, away);
    expect(stayed.origin).toBe(moved.origin);
    expect(stayed.lastSeenAt).toBeGreaterThan(moved.lastSeenAt);
  });

  it("says so where it is remembered, and lives no longer for it", async () => {
    const use = await signedIn(true);
    const begun = await use(0);
    const moved = await use(60, away);
    expect(await placeOf(moved)).toEqual(away);
    expect(moved.expiresAt).toBe(begun.expiresAt);
    expect(moved.lastSeenAt - begun.lastSeenAt).toBeGreaterThanOrEqual(60 * 60_000);
  });

  it("says so where a client uses it for itself", async () => {
    const { context } = runtime;
    const now = context.clock.now();
    const its = session("m1", 0, { kind: "mcp", userId: "c_app", secretHash: "h".repeat(43) });
    const times = { startedAt: now, authenticatedAt: now, lastSeenAt: now, expiresAt: now + 1_800_000 };
    const opened = { ...its, ...times, absoluteExpiresAt: now + 86_400_000 };
    const sealed = { ...opened, origin: sealClientOrigin(context, "m1", home) };
    const stream = streams.sessions("c_app");
    await context.log.append(stream, [started(sealed, sessions([sealed]))], -1, metadata);
    const live = { session: sealed, grantId: "g", actor: "client:c_app", scope: [] };
    await touchMcpSession(later(2), live, away, metadata);
    const { event } = await context.log.last(stream);
    const moved = (event as SessionEvent).data.session;
    expect(openClientOrigin(context, moved)).toEqual(away);
  });
});

it("the audit index knows each place once, and tells of one that is far away", async () => {
  const use = await signedIn();
  const { sessionId } = await use(0);
  const uses = [home, neighbour, neighbour, away, away, neighbour];
  for (const [number, origin] of uses.entries()) await use(2 * number + 2, origin);
  const { context, store } = runtime;
  const index = openAuditIndex({ file: ":memory:", logId: "log" });
  const erasureList = { all: async () => [] };
  await buildIndex({ ...context, store, index, erasureList, addressParts }, { pageSize: 7 });

  const eventsFrom = (place: string) =>
    index.find(addressTerms(context, place), { limit: 100 }).map(({ type }) => type);
  expect(eventsFrom("198.51.100.9")).toEqual(["session.slid", "session.slid"]);
  const anomalies = index.anomalies({ since: 0, until: Number.MAX_SAFE_INTEGER, limit: 100 });
  const [found, ...others] = anomalies.filter(({ subject }) => subject === sessionId);
  expect(found?.kind).toBe("session_moved");
  expect(found?.events).toHaveLength(2);
  expect(others).toEqual([]);
  index.close();
});
