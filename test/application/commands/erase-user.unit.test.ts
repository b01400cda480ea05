import { describe, expect, it } from "vitest";
import {
  type ErasureDependencies,
  eraseUser,
  repeatErasures,
} from "../../../application/commands/erase-user.ts";
import { createUser, setPassword, setUserStatus } from "../../../application/commands/manage-users.ts";
import { copyLog } from "../../../application/copy-log.ts";
import { ref } from "../../../application/documents.ts";
import { completeErasures } from "../../../application/jobs/complete-erasures.ts";
import type { EventStore, StoredEvent } from "../../../application/ports/event-store.ts";
import { findUser } from "../../../application/queries/users.ts";
import type { Erasure } from "../../../domain/erasure/erasure.ts";
import { createEphemeralErasureList } from "../../../infrastructure/archive/erasure-list.ts";
import { openEphemeralEventStore } from "../../../infrastructure/event-store/sqlite/index.ts";
import { compareFold } from "../../faults/compare-fold.ts";
import { undisturbed } from "../../support/job-world.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

const metadata = { actor: "operator", correlationId: "test" };

async function withUser(server: TestServer, username: string) {
  const { context, store } = server.runtime;
  const user = { username, password: "correct horse", scopes: ["read"] };
  const { userId } = await createUser(context, user, metadata);
  const erasureList = createEphemeralErasureList();
  const dependencies: ErasureDependencies = {
    ...{ ...context, store, erasureList },
    keepLeaves: async () => true,
  };
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
  it("leaves nothing of the user's own events, and gives the name to nobody else", async () => {
    await using server = await startTestServer();
    const { userId, dependencies, context, store } = await withUser(server, "Ada");
    expect(await eraseUser(dependencies, userId, metadata)).toBe("complete");
    for (const stream of [`user-${userId}`, `subject-key-${userId}`])
      expect(await store.read(stream, { direction: "forwards", limit: 10 })).toEqual([]);
    expect(await findUser(context, "ada")).toBeUndefined();
    const again = createUser(context, { username: "ada", password: "another one", scopes: [] }, metadata);
    await expect(again).rejects.toThrow("The username is taken");
  });

  it("keeps the user as erased in read models, those that are made anew too (I9)", async () => {
    await using server = await startTestServer();
    const { userId, dependencies, context, store } = await withUser(server, "Ada");
    await eraseUser(dependencies, userId, metadata);
    await context.visibility.wait(await store.lastPosition(), 5_000);
    expect((await compareFold(store, server.runtime.readModels)).differences).toEqual([]);
    const [user] = await context.documents.load([ref.user(userId)]);
    expect(user).toMatchObject({ status: "erased", epoch: 1, scopes: [] });
  });

  it("names every event that left the log (I11), and leaves a log that can be copied", async () => {
    await using server = await startTestServer();
    const { userId, dependencies, context, store } = await withUser(server, "Ada");
    await setPassword(context, userId, "another password", metadata);
    await setUserStatus(context, userId, "sign_out_everywhere", metadata);
    const before = await store.readAll(0n, 1_000);
    await eraseUser(dependencies, userId, metadata);
    const after = await store.readAll(0n, 1_000);
    const kept = new Set(after.map(({ id }) => id));
    const gone = before.filter(({ id }) => !kept.has(id));
    const [requested] = after.filter(({ type }) => type === "erasure.requested");
    const { erasure } = (requested?.data ?? {}) as { erasure: Erasure };
    const isNamed = ({ id, stream, revision }: StoredEvent) =>
      id === erasure.reservation ||
      erasure.removed.some((removed) => removed.stream === stream && removed.revision >= revision);
    expect(gone.length).toBeGreaterThanOrEqual(5);
    expect(gone.filter((event) => !isNamed(event))).toEqual([]);
    expect(erasure.removed).toContainEqual({ stream: `user-${userId}`, revision: 3 });
    const copy = await openEphemeralEventStore();
    await copyLog(store, copy, () => undefined, new AbortController().signal);
    await copy.close();
  });

  it("cannot be undone by a registration or a password that was under way", async () => {
    await using server = await startTestServer();
    const { userId, dependencies, context, store } = await withUser(server, "Ada");
    const racing = new Proxy(store, {
      get(target, name) {
        const member = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        return async (...args: unknown[]) => {
          const attempts = [
            createUser(context, { username: "Ada", password: "another one", scopes: ["read"] }, metadata),
            setPassword(context, userId, "yet another one", metadata),
          ];
          const answer = await member.apply(target, args);
          await Promise.allSettled(attempts);
          return answer;
        };
      },
    });
    await eraseUser({ ...dependencies, store: racing }, userId, metadata);
    const [user] = await context.documents.fromLog([ref.user(userId)]);
    expect(user).toBeUndefined();
    expect(await findUser(context, "ada")).toBeUndefined();
  });

  it("is gone on with by the job, wherever the process died", async () => {
    await using server = await startTestServer();
    const { context, store } = server.runtime;
    for (let call = 1; ; call += 1) {
      const name = `person ${call}`;
      const { userId, dependencies } = await withUser(server, name);
      const dying = { ...dependencies, store: dyingAt(store, call) };
      const died = await eraseUser(dying, userId, metadata).then(
        () => false,
        () => true,
      );
      await repeatErasures(dependencies, metadata);
      await completeErasures({ ...dependencies, readModels: context.readModels }, undisturbed());
      expect(await eraseUser(dependencies, userId, metadata)).toBe("complete");
      expect(await findUser(context, name)).toBeUndefined();
      if (!died) {
        expect(call).toBeGreaterThan(8);
        return;
      }
    }
  });

  it("refuses a user who never was, and puts nobody on the list", async () => {
    await using server = await startTestServer();
    const { dependencies } = await withUser(server, "Ada");
    await expect(eraseUser(dependencies, "u_nobody", metadata)).rejects.toThrow("There is no such user");
    expect(await dependencies.erasureList.all()).toEqual([]);
  });

  it("stays requested until the store has removed the data, and is then completed by the job", async () => {
    await using server = await startTestServer();
    const { userId, dependencies, context, store } = await withUser(server, "Ada");
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
