import { describe, expect, it } from "vitest";
import {
  type ErasureDependencies,
  eraseUser,
  repeatErasures,
} from "../../../application/commands/erase-user.ts";
import { createUser } from "../../../application/commands/manage-users.ts";
import { completeErasures } from "../../../application/jobs/complete-erasures.ts";
import type { EventStore } from "../../../application/ports/event-store.ts";
import { findUser } from "../../../application/queries/users.ts";
import { createEphemeralErasureList } from "../../../infrastructure/archive/erasure-list.ts";
import { undisturbed } from "../../support/job-world.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

const metadata = { actor: "operator", correlationId: "test" };

async function withUser(server: TestServer) {
  const { context, store } = server.runtime;
  const user = { username: "Ada", password: "correct horse", scopes: ["read"] };
  const { userId } = await createUser(context, user, metadata);
  const erasureList = createEphemeralErasureList();
  const dependencies: ErasureDependencies = { ...context, store, erasureList };
  return { userId, dependencies, context, store };
}

/** The store, whose nth call from now on fails, as if the process died before it. */
function dyingAt(store: EventStore, call: number): EventStore {
  let calls = 0;
  return new Proxy(store, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        calls += 1;
        if (calls >= call) throw new Error("killed");
        return member.apply(target, args);
      };
    },
  });
}

describe("the erasure of a user", () => {
  it("leaves of the user's stream that there was one, and gives the name back", async () => {
    await using server = await startTestServer();
    const { userId, dependencies, context, store } = await withUser(server);
    expect(await eraseUser(dependencies, userId, metadata)).toBe("complete");
    const left = await store.read(`user-${userId}`, { direction: "forwards", limit: 10 });
    expect(left.map(({ type, data }) => ({ type, data }))).toMatchObject([
      { type: "user.erased", data: { user: { status: "erased", epoch: 1, scopes: [] } } },
    ]);
    expect(await store.read(`subject-key-${userId}`, { direction: "forwards", limit: 10 })).toEqual([]);
    expect(await findUser(context, "ada")).toBeUndefined();
    const again = await createUser(
      context,
      { username: "ada", password: "another one", scopes: [] },
      metadata,
    );
    expect(again.userId).not.toBe(userId);
  });

  it("names every event that left the log (I11)", async () => {
    await using server = await startTestServer();
    const { userId, dependencies, store } = await withUser(server);
    const before = await store.readAll(0n, 1_000);
    await eraseUser(dependencies, userId, metadata);
    const kept = new Set((await store.readAll(0n, 1_000)).map(({ position }) => position));
    const gone = before.map(({ position }) => position).filter((position) => !kept.has(position));
    const [requested] = await store.read(`erasure-${userId}`, { direction: "forwards", limit: 1 });
    expect(requested?.data).toMatchObject({ erasure: { removed: gone.map(String) } });
    expect(gone.length).toBeGreaterThanOrEqual(3);
  });

  it("is gone on with by the job, wherever the process died", async () => {
    await using server = await startTestServer();
    const { context, store } = server.runtime;
    for (let call = 1; ; call += 1) {
      const { userId, dependencies } = await withUser(server);
      const dying = { ...dependencies, store: dyingAt(store, call) };
      const died = await eraseUser(dying, userId, metadata).then(
        () => false,
        () => true,
      );
      await repeatErasures(dependencies, metadata);
      await completeErasures({ ...dependencies, readModels: context.readModels }, undisturbed());
      expect(await eraseUser(dependencies, userId, metadata)).toBe("complete");
      expect(await findUser(context, "ada")).toBeUndefined();
      if (!died) {
        expect(call).toBeGreaterThan(8);
        return;
      }
    }
  });

  it("refuses a user who never was, and puts nobody on the list", async () => {
    await using server = await startTestServer();
    const { dependencies } = await withUser(server);
    await expect(eraseUser(dependencies, "u_nobody", metadata)).rejects.toThrow("There is no such user");
    expect(await dependencies.erasureList.all()).toEqual([]);
  });

  it("stays requested until the store has removed the data, and is then completed by the job", async () => {
    await using server = await startTestServer();
    const { userId, dependencies, context, store } = await withUser(server);
    let isScavenged = false;
    const lazy = new Proxy(store, {
      get(target, name) {
        if (name === "isErased") return async () => isScavenged;
        const member = Reflect.get(target, name, target);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
    const scavenging = { ...dependencies, store: lazy };
    expect(await eraseUser(scavenging, userId, metadata)).toBe("requested");
    const job = () => completeErasures({ ...scavenging, readModels: context.readModels }, undisturbed());
    await job();
    expect((await context.log.last(`erasure-${userId}`)).event?.type).toBe("erasure.requested");
    isScavenged = true;
    await job();
    expect((await context.log.last(`erasure-${userId}`)).event?.type).toBe("erasure.completed");
  });
});
