import { afterEach, beforeEach, expect, it } from "vitest";
import { createOpener, recordReveal } from "../../../../application/audit/export/reveal.ts";
import { createLog, type Log } from "../../../../application/log.ts";
import { keyContextOf, personalFields, usernameField } from "../../../../application/personal-fields.ts";
import type { EventStore } from "../../../../application/ports/event-store.ts";
import { sealClientOrigin, sealOrigin } from "../../../../application/session-origin.ts";
import { streams } from "../../../../application/streams.ts";
import { generateMasterKey, parseKeyRing } from "../../../../infrastructure/crypto/key-ring.ts";
import { createSecrets } from "../../../../infrastructure/crypto/secrets.ts";
import { openEphemeralEventStore } from "../../../../infrastructure/event-store/sqlite/index.ts";
import { session, sessions, started } from "../../../support/session-events.ts";
import { exported } from "./records.ts";

const ada = `u_${"a".repeat(22)}`;
const origin = { address: "192.0.2.7", agent: "Firefox" };
const metadata = { actor: "system", correlationId: "test" };
const secrets = createSecrets(parseKeyRing(generateMasterKey()));

let store: EventStore;
let log: Log;
beforeEach(async () => {
  store = await openEphemeralEventStore();
  log = createLog(store, secrets);
});
afterEach(() => store.close());

/** Ada, who has a name and a session. */
async function registerAda(): Promise<void> {
  const { wrapped: wrappedKey } = secrets.newDataKey(keyContextOf(ada));
  const subjectKey = { userId: ada, wrappedKey, createdAt: 1 };
  await log.append(
    streams.subjectKey(ada),
    [{ type: "subject_key.created", data: { subjectKey } }],
    -1,
    metadata,
  );
  const user = {
    userId: ada,
    username: personalFields(secrets, subjectKey).seal(usernameField(ada), "ada"),
    usernameIndex: "i".repeat(43),
    passwordHash: "$argon2id$x",
    scopes: ["read"],
    epoch: 0,
    status: "active",
    registeredAt: 1,
  };
  await log.append(streams.user(ada), [{ type: "user.registered", data: { user } }], -1, metadata);
  const sealed = await sealOrigin({ log, secrets }, { userId: ada, sessionId: "s1" }, origin);
  await start(ada, "s1", sealed);
}

async function start(userId: string, sessionId: string, sealed: string | null): Promise<void> {
  const opened = session(sessionId, 0, { userId, origin: sealed, secretHash: "h".repeat(43) });
  await log.append(streams.sessions(userId), [started(opened, sessions([opened]))], -1, metadata);
}

/** What is revealed of each event, by its type. */
async function revealed(erased: readonly string[] = []) {
  const reveals = { log, secrets, erasureList: { all: async () => erased } };
  const { records } = await exported(store, { reveals });
  return records.map(({ stored, personal }) => [stored.type, personal]);
}

it("opens a name and where a session is used, and nothing where nothing is personal", async () => {
  await registerAda();
  await start("c_app", "s2", sealClientOrigin({ secrets }, "s2", { address: "192.0.2.8", agent: "curl" }));
  expect(await revealed()).toEqual([
    ["subject_key.created", undefined],
    ["user.registered", { username: "ada" }],
    ["session.started", origin],
    ["session.started", { address: "192.0.2.8", agent: "curl" }],
  ]);
});

it("opens nothing of a person who is in the list of erasures, or whose key is gone", async () => {
  await registerAda();
  const nothing = [undefined, undefined, undefined];
  expect((await revealed([ada])).map(([, personal]) => personal)).toEqual(nothing);
  await store.softDelete(streams.subjectKey(ada), 0);
  const after = (await revealed()).filter(([type]) => type !== "subject_key.created");
  expect(after.map(([, personal]) => personal)).toEqual([undefined, undefined]);
});

it("does not open what nobody asked to see", async () => {
  await registerAda();
  const { records } = await exported(store);
  expect(records.map(({ personal }) => personal)).toEqual([undefined, undefined, undefined]);
});

it("keeps the key of nobody from one opener to the next", async () => {
  await registerAda();
  const [, event] = (await exported(store)).records;
  const { event: user } = await log.last(streams.user(ada));
  const erasureList = { all: async () => [] };
  const open = await createOpener({ log, secrets, erasureList });
  expect(await open(user ?? { type: "", data: {} })).toEqual({ username: "ada" });
  await store.softDelete(streams.subjectKey(ada), 0);
  const again = await createOpener({ log, secrets, erasureList });
  expect(await again(user ?? { type: "", data: {} })).toBeUndefined();
  expect(event?.personal).toBeUndefined();
});

it("records that it is done, and why, by whom and of what, as often as it is", async () => {
  const clock = { now: () => 5, monotonic: () => 0, sleep: async () => undefined };
  const asked = {
    format: "csv",
    reason: "An incident",
    since: 1,
    until: null,
    after: null,
    types: [],
  } as const;
  await Promise.all(
    [1, 2].map(() => recordReveal({ log, clock }, asked, { actor: "operator", correlationId: "cli-1" })),
  );
  const { records } = await exported(store);
  expect(
    records.map(({ data, stored }) => [stored.stream, stored.revision, stored.metadata.actor, data]),
  ).toEqual([
    ["audit", 0, "operator", { at: 5, ...asked }],
    ["audit", 1, "operator", { at: 5, ...asked }],
  ]);
});
