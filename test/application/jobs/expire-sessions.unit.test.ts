import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSessionExpiry } from "../../../application/jobs/expire-sessions.ts";
import type { Session, SessionEvent } from "../../../domain/session/session.ts";
import { type JobWorld, openJobWorld, stoppedAfter, undisturbed } from "../../support/job-world.ts";
import { minutes, policy, session, sessions, started } from "../../support/session-events.ts";

const hash = "h".repeat(43);
const minute = 60_000;
const day = 24 * 60 * minute;
let world: JobWorld;
beforeEach(async () => {
  world = await openJobWorld({}, minutes(0));
});
afterEach(() => world[Symbol.asyncDispose]());

/** A user signs in at this minute. */
async function signIn(userId: string, minute: number, changes: Partial<Session> = {}): Promise<void> {
  const begun = session(`s-${userId}`, minute, { userId, secretHash: hash, ...changes });
  await world.append(`sessions-${userId}`, started(begun, sessions([begun])));
}

async function expired(): Promise<readonly string[]> {
  const ended = (await world.events()).filter(({ type }) => type === "session.ended");
  const data = ended.map((event) => event.data as Extract<SessionEvent, { type: "session.ended" }>["data"]);
  expect(data.every(({ reason }) => reason === "expired")).toBe(true);
  return data.map(({ session: { userId } }) => userId);
}

async function run(expire: ReturnType<typeof createSessionExpiry>, job = undisturbed()): Promise<void> {
  await world.project();
  await expire(job);
  await world.project();
}

const indexed = async (index: [string, string]) =>
  (await world.readModels.list("sessions", { index, limit: 100 })).map(({ id }) => id);

describe("the expiry of sessions", () => {
  it("ends those past their sliding or their absolute expiry, each at its time and once", async () => {
    await signIn("ada", 0);
    await signIn("bob", 0, { absoluteExpiresAt: minutes(10) });
    await signIn("cyd", 5);
    const expire = createSessionExpiry(world.context);
    await run(expire);
    expect(await expired()).toEqual([]);
    world.pass(10 * minute);
    await run(expire);
    expect(await expired()).toEqual(["bob"]);
    world.pass(20 * minute);
    await run(expire);
    expect(await expired()).toEqual(["bob", "ada"]);
    world.pass(day);
    for (let times = 0; times < 3; times += 1) await run(expire);
    expect(await expired()).toEqual(["bob", "ada", "cyd"]);
  });

  it("leaves alone a session that slid since it was last seen", async () => {
    await signIn("ada", 0);
    await world.project();
    world.pass(31 * minute);
    const slid = session("s-ada", 0, { userId: "ada", secretHash: hash, expiresAt: minutes(60) });
    await world.append("sessions-ada", {
      type: "session.slid",
      data: { session: slid, sessions: sessions([slid]) },
    });
    await createSessionExpiry(world.context)(undisturbed());
    expect(await expired()).toEqual([]);
  });

  it("finds at first what expired long ago, and later what expired while other processes ran", async () => {
    await signIn("ada", 0);
    const other = createSessionExpiry(world.context);
    await run(other);
    world.pass(20 * day);
    await run(createSessionExpiry(world.context));
    expect(await expired()).toEqual(["ada"]);
    await signIn("bob", 24 * 60);
    world.pass(day);
    await run(other);
    expect(await expired()).toEqual(["ada", "bob"]);
  });

  it("looks at all hours at first, and at a few later", async () => {
    const asked: string[] = [];
    const readModels: typeof world.readModels = {
      ...world.readModels,
      list: async (_, { index }) => {
        asked.push(index?.[1] ?? "");
        return [];
      },
    };
    const expire = createSessionExpiry({ ...world.context, readModels });
    await expire(undisturbed());
    expect(asked.length).toBeGreaterThanOrEqual(30 * 24);
    asked.length = 0;
    await expire(undisturbed());
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  it("stopped in the middle goes on with the rest", async () => {
    for (let index = 0; index < 30; index += 1) await signIn(`u${index}`, index % 3);
    world.pass(policy.ttl + 3 * minute);
    const expire = createSessionExpiry(world.context);
    await run(expire, stoppedAfter(5));
    const some = await expired();
    expect(some.length).toBeGreaterThanOrEqual(5);
    expect(some.length).toBeLessThan(30);
    await run(expire);
    expect(new Set(await expired()).size).toBe(30);
    expect(await expired()).toHaveLength(30);
  });

  it("finds sessions by user, live and ended, and by the hour of their expiry while they live", async () => {
    await signIn("ada", 0);
    await world.project();
    const hour = String(Math.floor((minutes(0) + policy.ttl) / 3_600_000));
    expect(await indexed(["expires", hour])).toEqual(["s-ada"]);
    expect(await indexed(["user", "ada"])).toEqual(["s-ada"]);
    world.pass(31 * minute);
    await run(createSessionExpiry(world.context));
    expect(await indexed(["expires", hour])).toEqual([]);
    expect(await indexed(["user", "ada"])).toEqual(["s-ada"]);
  });
});
