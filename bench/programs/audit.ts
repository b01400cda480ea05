/** The audit tooling on a log of so many events, in a file: each message is one measurement. */
import { join } from "node:path";
import { accessAt } from "../../application/audit/access.ts";
import { explainToken } from "../../application/audit/explain.ts";
import { buildIndex } from "../../application/audit/index/build.ts";
import { makeCheckpoint } from "../../application/audit/proof/checkpoint.ts";
import { keepLeaves } from "../../application/audit/proof/keep-leaves.ts";
import { foldLog } from "../../application/audit/replay/replay.ts";
import { termsOfSubject, timelineOf } from "../../application/audit/timeline.ts";
import { verifyLog } from "../../application/audit/verify/verify.ts";
import { vocabulary } from "../../application/events/vocabulary.ts";
import { createLog } from "../../application/log.ts";
import type { Fillable, ReadModels } from "../../application/ports/read-models.ts";
import { generation } from "../../application/projections/index.ts";
import { formatRefreshToken } from "../../domain/oauth/token-forms.ts";
import { createArchiveReader } from "../../infrastructure/archive/archive-reader.ts";
import { openAuditIndex } from "../../infrastructure/audit/index-file.ts";
import { openVerifyScratch } from "../../infrastructure/audit/verify-scratch.ts";
import { systemClock } from "../../infrastructure/clock.ts";
import { loadConfig } from "../../infrastructure/config/load.ts";
import { policyOf } from "../../infrastructure/config/policy.ts";
import { generateMasterKey, parseKeyRing } from "../../infrastructure/crypto/key-ring.ts";
import { createSecrets } from "../../infrastructure/crypto/secrets.ts";
import { createTokens } from "../../infrastructure/crypto/tokens.ts";
import { openSqliteEventStore } from "../../infrastructure/event-store/sqlite/index.ts";
import { addressParts } from "../../infrastructure/network/addresses.ts";
import { openRedisReadModels } from "../../infrastructure/read-models/redis/index.ts";
import { openSqliteReadModels } from "../../infrastructure/read-models/sqlite/sqlite-read-models.ts";
import { openProof } from "../../interfaces/proof.ts";
import { median } from "../statistics.ts";
import { answer } from "./answer.ts";
import { ownFolder } from "./folder.ts";
import { clients, createStories, eventsPerVisit, refreshSecret } from "./stories.ts";

const visitsOfOne = 20;
const together = 1_000;
const asked = 25;

const dataDir = ownFolder();
const masterKey = generateMasterKey();
const ring = parseKeyRing(masterKey);
const secrets = createSecrets(ring);
const config = loadConfig({ flags: { dataDir, masterKey, issuer: "https://auth.example" }, env: {} });
const store = await openSqliteEventStore({ file: join(dataDir, "log.db") });
const index = openAuditIndex({ file: join(dataDir, "audit.db"), logId: store.logId });
const log = createLog(store, secrets);
const audit = {
  store,
  index,
  log,
  secrets,
  addressParts,
  tokens: createTokens(secrets),
  policy: policyOf(config),
  erasureList: { all: async () => [] },
  archived: { at: async () => undefined },
  clock: systemClock,
};
let events = 0;
let startsAt = 0;
let people = 0;
let step = 0;

async function fill(count: number): Promise<void> {
  const visits = Math.ceil(count / eventsPerVisit);
  people = Math.max(1, Math.ceil(visits / visitsOfOne));
  startsAt = Date.now() - 300 * 86_400_000;
  step = Math.floor((290 * 86_400_000) / visits);
  const stories = createStories(secrets, startsAt, Math.floor(step / 16));
  const append = ({ stream, events: told, expectedRevision }: ReturnType<typeof stories.registration>) =>
    store.append(stream, told, expectedRevision);
  for (let number = 0; number < clients; number += 1) await append(stories.registration(number));
  for (let done = 0; done < visits; done += together) {
    const batch = Array.from({ length: Math.min(together, visits - done) }, (_, at) => done + at);
    const told = batch.flatMap((visit) => {
      const round = Math.floor(visit / people);
      return [
        ...(round === 0 ? stories.person(visit % people) : []),
        ...stories.visit(visit % people, startsAt + visit * step, round * 3 - 1),
      ];
    });
    await Promise.all(told.map(append));
  }
  events = Number(await store.lastPosition());
}

async function rate(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return events / ((performance.now() - start) / 1000);
}

/** Milliseconds of the first answer of each of some questions, each about another part of the log. */
async function times(ask: (at: number) => Promise<unknown>): Promise<{ median: number; worst: number }> {
  const taken: number[] = [];
  for (let number = 0; number < asked; number += 1) {
    const start = performance.now();
    await ask((number + 0.5) / asked);
    taken.push(performance.now() - start);
  }
  return { median: median(taken), worst: Math.max(...taken) };
}

const nothing: Fillable = {
  checkpoint: async () => ({ ...at, ahead: null, heartbeats: [], incarnation: "", movedAt: 0, time: 0 }),
  apply: async ({ to }) => {
    at.position = to;
    return true;
  },
  listUnfinished: async () => [],
};
const at = { position: 0n };

const numberAt = (part: number) => Math.floor(part * people);
const userAt = (part: number) => createStories(secrets, 0, 0).userId(numberAt(part));
/** In the middle of the person's first visit. */
const timeAt = (part: number) => startsAt + numberAt(part) * step + 5 * Math.floor(step / 16);

/** The second refresh token of the person's first grant. */
function tokenAt(part: number): string {
  const [begun] = index.find([`grants-of:${userAt(part)}`], { limit: 1 });
  return formatRefreshToken({ grantId: begun?.stream.slice(6) ?? "", revision: 2, secret: refreshSecret });
}

const questions = {
  timeline: (part: number) =>
    timelineOf(audit, termsOfSubject(audit, { by: "user", id: userAt(part) }), {
      limit: 200,
      isFollowingCauses: true,
    }),
  async explain(part: number) {
    const { active, reasons } = await explainToken(audit, tokenAt(part), timeAt(part));
    if (!active) throw new Error(JSON.stringify(reasons));
  },
  async access(part: number) {
    const { access } = await accessAt(audit, userAt(part), timeAt(part));
    if (access.length === 0) throw new Error("no access found");
  },
  address(part: number) {
    const number = numberAt(part);
    const terms = termsOfSubject(audit, {
      by: "address",
      address: `198.51.${number % 200}.${(number * 7) % 250}`,
    });
    return timelineOf(audit, terms, { limit: 200, isFollowingCauses: false });
  },
};

async function replayInto(models: ReadModels) {
  const end = await store.lastPosition();
  const perSecond = await rate(() => foldLog(store, models, end));
  await models.close();
  return { perSecond };
}

const measurements: Readonly<Record<string, (argument: number) => Promise<unknown>>> = {
  async fill(count) {
    const start = performance.now();
    await fill(count);
    return { events, perSecond: events / ((performance.now() - start) / 1000) };
  },
  async index() {
    const perSecond = await rate(() => buildIndex(audit));
    return { perSecond, bytesPerEvent: index.size() / events };
  },
  questions: async () => ({
    timeline: await times(questions.timeline),
    explain: await times(questions.explain),
    access: await times(questions.access),
    address: await times(questions.address),
  }),
  async keep() {
    const proof = openProof(config, store, ring);
    const perSecond = await rate(() => keepLeaves({ store, leaves: proof.leaves }));
    await proof.leaves.close();
    return { perSecond };
  },
  async verify() {
    const proof = openProof(config, store, ring);
    const scratch = openVerifyScratch();
    await makeCheckpoint({ warn: () => undefined, ...proof, store, clock: systemClock });
    const archive = createArchiveReader(join(dataDir, "archive"));
    const dependencies = { ...proof, store, archive, scratch };
    const options = {
      ...{ isIncremental: false, hasArchivesElsewhere: false },
      trusted: undefined,
      signal: new AbortController().signal,
      progress: () => undefined,
    };
    const perSecond = await rate(async () => {
      const { found, sound } = await verifyLog(dependencies, options);
      if (found > 0 || sound !== events) throw new Error(`${found} findings, ${sound} sound`);
    });
    scratch.close();
    await proof.leaves.close();
    return { perSecond };
  },
  async replayIntoNothing() {
    at.position = 0n;
    const end = await store.lastPosition();
    return { perSecond: await rate(() => foldLog(store, nothing, end)) };
  },
  replayIntoSqlite: () =>
    replayInto(openSqliteReadModels({ file: join(dataDir, "replayed.db"), logId: store.logId, generation })),
  async replayIntoRedis() {
    const { BENCH_REDIS_URL: url = "" } = process.env;
    const shape = { generation, vocabulary: vocabulary() };
    return await replayInto(await openRedisReadModels({ url, logId: store.logId, ...shape }));
  },
};

answer(
  async ({ what, argument }: { what: string; argument: number }) => {
    const result = (await measurements[what]?.(argument)) as object;
    return { ...result, residentMiB: process.memoryUsage().rss / 2 ** 20 };
  },
  async () => {
    index.close();
    await store.close();
  },
);
