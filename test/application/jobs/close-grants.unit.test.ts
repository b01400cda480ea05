import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closeGrants } from "../../../application/jobs/close-grants.ts";
import type { Client } from "../../../domain/client/client.ts";
import type { EndedGrant, GrantEvent, GrantTerms } from "../../../domain/grant/grant.ts";
import type { SessionEndReason } from "../../../domain/session/session.ts";
import type { User } from "../../../domain/user/user.ts";
import { at, pending } from "../../support/grant-events.ts";
import { type JobWorld, openJobWorld, stoppedAfter, undisturbed } from "../../support/job-world.ts";
import { user } from "../../support/projection.ts";
import { session, sessions } from "../../support/session-events.ts";

const hash = "h".repeat(43);
let world: JobWorld;
beforeEach(async () => {
  world = await openJobWorld({}, at(10));
});
afterEach(() => world[Symbol.asyncDispose]());

const begun = (grantId: string, terms: Partial<GrantTerms>): GrantEvent => ({
  type: "grant.authorized",
  data: { grant: { ...pending, ...terms, grantId, code: { ...pending.code, hash } } },
});

/** Grants named by their number, of this user. */
async function authorize(count: number, terms: Partial<GrantTerms> = {}, prefix = "g", to = world) {
  for (let index = 0; index < count; index += 1) {
    const grantId = `${prefix}${index}`;
    await to.append(`grant-${grantId}`, begun(grantId, terms));
  }
}

const endUser = (epoch: number, type = "user.disabled", to = world) =>
  to.append("user-ada", { type, data: { user: { ...user(epoch), userId: "ada" } satisfies User, at: 1 } });

/** How each grant ended, by its id; those that did not are not in it. */
async function endings(of = world): Promise<Record<string, string>> {
  const ended = (await of.events()).filter(({ type }) => type === "grant.revoked");
  const found = ended.map(({ data }) => (data as { grant: EndedGrant }).grant);
  expect(new Set(found.map(({ grantId }) => grantId)).size).toBe(found.length);
  return Object.fromEntries(found.map(({ grantId, reason }) => [grantId, reason]));
}

async function run(of = world, job = undisturbed()): Promise<void> {
  await of.project();
  await closeGrants(of.context, job);
  await of.project();
}

const openClosures = async (of = world) =>
  (await of.readModels.list("closures", { index: ["open", "yes"], limit: 100 })).map(({ id }) => id);

describe("the closing of grants", () => {
  it.each(["user.password_changed", "user.disabled", "user.signed_out_everywhere"])(
    "ends those of a user's older epochs after %s",
    async (type) => {
      await authorize(3, { userEpoch: 0 }, "old");
      await authorize(2, { userEpoch: 1 }, "new");
      await authorize(1, { userId: "bob", userEpoch: 0 }, "bob");
      await endUser(1, type);
      await run();
      expect(await endings()).toEqual({ old0: "user_ended", old1: "user_ended", old2: "user_ended" });
      const [completed] = await world.events("closure-user-ada-1");
      expect(completed?.data).toEqual({
        closure: { what: "user", id: "ada", epoch: 1, grants: 3, completedAt: at(10) },
      });
      expect(await openClosures()).toEqual([]);
      const [cause] = (await world.events()).filter((event) => event.type === type);
      const effects = (await world.events()).filter(({ metadata }) => metadata.causationId === cause?.id);
      expect(effects.map((effect) => effect.type)).toEqual([
        ...Array(3).fill("grant.revoked"),
        "closure.completed",
      ]);
    },
  );

  it("ends those of a client's older epochs", async () => {
    await authorize(2, { clientEpoch: 0, userId: null, userEpoch: null, sessionId: null });
    const client: Client = {
      clientId: "app",
      name: "App",
      type: "public",
      applicationType: "web",
      authMethods: ["none"],
      redirectUris: [],
      grantTypes: ["authorization_code"],
      scopes: ["read"],
      tokenFormat: "jwt",
      jwks: null,
      jwksUri: null,
      clientUri: null,
      softwareId: null,
      origin: "operator",
      secrets: [],
      registrationTokenHash: null,
      epoch: 0,
      status: "active",
      registeredAt: 0,
    };
    const rotated = (epoch: number, compromised: boolean) => ({
      type: "client.secret_rotated",
      data: { compromised, at: 1, client: { ...client, epoch } },
    });
    await world.append("client-app", rotated(0, false));
    await run();
    expect(await endings()).toEqual({});
    await world.append("client-app", rotated(1, true));
    await run();
    expect(await endings()).toEqual({ g0: "client_ended", g1: "client_ended" });
  });

  it.each<[SessionEndReason, boolean]>([
    ["signed_out", true],
    ["ended_by_operator", true],
    ["expired", false],
    ["evicted", false],
  ])("ends those bound to a session that was %s: %s", async (reason, isEnd) => {
    await authorize(1, { sessionId: "s1" }, "bound");
    await authorize(1, { sessionId: null }, "free");
    const data = {
      session: session("s1", 0, { secretHash: hash }),
      reason,
      endedAt: at(5),
      sessions: sessions([]),
    };
    await world.append("sessions-ada", { type: "session.ended", data });
    await run();
    expect(await endings()).toEqual(isEnd ? { bound0: "session_ended" } : {});
    expect(await world.events("closure-session-s1-0")).toHaveLength(isEnd ? 1 : 0);
  });

  it("records nothing more in a second run, nor in one beside it", async () => {
    await authorize(30, { userEpoch: 0 });
    await endUser(1);
    await world.project();
    await Promise.all([1, 2, 3].map(() => closeGrants(world.context, undisturbed())));
    const end = await world.store.lastPosition();
    await run();
    expect(await world.store.lastPosition()).toBe(end);
    expect(Object.keys(await endings())).toHaveLength(30);
    expect(await world.events("closure-user-ada-1")).toHaveLength(1);
  });

  it("is open again for what a later epoch ends, though the earlier one is completed after it", async () => {
    await authorize(2, { userEpoch: 0 }, "first");
    await endUser(1);
    await world.project();
    const completing = closeGrants(world.context, undisturbed());
    await authorize(2, { userEpoch: 1 }, "second");
    await endUser(2, "user.signed_out_everywhere");
    await completing;
    await world.project();
    expect(await openClosures()).toEqual(["user-ada-2"]);
    await run();
    expect(Object.keys(await endings()).sort()).toEqual(["first0", "first1", "second0", "second1"]);
    expect(await openClosures()).toEqual([]);
  });

  it("leaves alone what died by itself", async () => {
    await authorize(2, { userEpoch: 0 });
    await endUser(1);
    world.pass(3_600_000);
    await run();
    expect(await endings()).toEqual({});
    expect(await openClosures()).toEqual([]);
  });

  it("is kept from no other grant by one that cannot be read, and stays open", async () => {
    await authorize(3, { userEpoch: 0 });
    await endUser(1);
    await world.project();
    const revision = 0;
    const poison = { id: crypto.randomUUID(), type: "grant.revoked", version: 99, data: {} };
    await world.store.append(
      "grant-g0",
      [{ ...poison, metadata: { actor: "a", correlationId: "c" } }],
      revision,
    );
    await run();
    const ended = (await world.events()).filter(
      ({ type, version }) => type === "grant.revoked" && version !== poison.version,
    );
    expect(ended.map(({ stream }) => stream)).toEqual(["grant-g1", "grant-g2"]);
    expect(await openClosures()).toEqual(["user-ada-1"]);
  });

  it("stopped anywhere and run again ends as one run does", async () => {
    const build = async () => {
      const built = await openJobWorld({}, at(10));
      await authorize(25, { userEpoch: 0 }, "g", built);
      await authorize(5, { userEpoch: 1, sessionId: "s1" }, "h", built);
      await endUser(1, "user.disabled", built);
      return built;
    };
    await using whole = await build();
    await run(whole);
    const expected = await endings(whole);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(12), { maxLength: 4 }), async (stops) => {
        await using interrupted = await build();
        for (const stop of stops) await run(interrupted, stoppedAfter(stop));
        await run(interrupted);
        expect(await endings(interrupted)).toEqual(expected);
        expect(await openClosures(interrupted)).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});
