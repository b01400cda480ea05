import { type RedisServer, startRedisServer } from "../../test/support/redis-server.ts";
import { type Deployment, deploy } from "../deployment.ts";
import { rotating } from "../exchanges.ts";
import { fillWithTokens } from "../fill.ts";
import { connections, load } from "../load.ts";
import { atMost, compare, type Measure, type Row } from "../measure.ts";
import { startPeer } from "../peer.ts";
import type { Plan } from "../plan.ts";
import { type Server, serverOf, serverOfPeer } from "../server.ts";

const few = 10_000;

/** Introspects one token after another, each connection its own share of them. */
const introspectingAll =
  ({ introspect }: Server, tokens: readonly string[]): Measure =>
  (seconds) =>
    load(introspect, { seconds }, (connection) => {
      let at = connection;
      return {
        body() {
          at = (at + connections) % tokens.length;
          return new URLSearchParams({ token: tokens[at] ?? "" }).toString();
        },
        isRight: (status, body) => status === 200 && body.startsWith('{"active":true'),
      };
    });

interface Filled extends AsyncDisposable {
  readonly deployment: Deployment;
  readonly tokens: readonly string[];
}

async function filled(plan: Plan, count: number, redisUrl?: string): Promise<Filled> {
  let tokens: readonly string[] = [];
  const deployment = await deploy(plan, {
    tokenFormat: "opaque",
    redisUrl,
    async fill(configFile, furniture) {
      tokens = await fillWithTokens(configFile, furniture, count);
    },
  });
  return { deployment, tokens, [Symbol.asyncDispose]: () => deployment[Symbol.asyncDispose]() };
}

/** Seconds from the start of the process to being ready. */
const startTime =
  ({ restart }: Deployment): Measure =>
  async () => ({ value: (await restart("SIGTERM")) / 1_000 });

async function among(plan: Plan, where: string, redisUrls: readonly string[] = []): Promise<readonly Row[]> {
  await using many = await filled(plan, plan.tokens, redisUrls[0]);
  await using some = await filled(plan, few, redisUrls[1]);
  const tokens = plan.tokens.toLocaleString("en-US");
  const started = await compare(
    { name: `start to ready, ${tokens} tokens, ${where}, against 10,000`, unit: "s" },
    { ...plan, rounds: 3, seconds: 0 },
    startTime(many.deployment),
    startTime(some.deployment),
  );
  const more = started.ours.value - (started.baseline?.value ?? 0);
  return [
    await compare(
      {
        name: `introspection among ${tokens} live tokens, ${where}, against 10,000`,
        unit: "requests/s",
        goal: 0.9,
      },
      plan,
      introspectingAll(serverOf(many.deployment), many.tokens),
      introspectingAll(serverOf(some.deployment), some.tokens),
    ),
    { ...started, goal: atMost(more, 0.2, " s more") },
  ];
}

/** Among very many live tokens, against few: introspection and start. */
export async function liveTokens(plan: Plan): Promise<readonly Row[]> {
  await using one = await startRedisServer();
  await using other = await startRedisServer();
  return [...(await among(plan, "embedded")), ...(await among(plan, "Redis", [one.url, other.url]))];
}

/** Refreshes token families; all requests of a round are answered, so that the families go on in the next one. */
async function rotatingOn({ token, form, families }: Server): Promise<Measure> {
  const exchanges = (await families(connections)).map(({ refresh_token: first = "" }) =>
    rotating(first, form),
  );
  const perSecond = 2_000;
  return async (seconds) => {
    const requests = Math.ceil((seconds * perSecond) / connections) * connections;
    return await load(token, { requests }, (connection) => exchanges[connection] ?? rotating("", form));
  };
}

/** Families that were rotated ten thousand times, against fresh ones. */
export async function oldFamilies(plan: Plan): Promise<readonly Row[]> {
  await using deployment = await deploy(plan);
  const server = serverOf(deployment);
  const old = await rotatingOn(server);
  await old((plan.rotations * connections) / 2_000);
  const row = await compare(
    {
      name: `refresh in families of ${plan.rotations.toLocaleString("en-US")} rotations, against fresh ones`,
      unit: "requests/s",
      goal: 0.95,
    },
    plan,
    old,
    async (seconds) => (await rotatingOn(server))(seconds),
  );
  return [row];
}

const sample = 4_000;
/** So many are there before: scripts, tables and buffers have their size then. */
const there = 1_000;

async function memoryOf(redis: RedisServer, server: Server): Promise<number> {
  const used = async () => {
    await redis.call("SLOWLOG", "RESET"); // It holds the arguments of what a busy machine did slowly.
    return Number(/used_memory:(\d+)/.exec(String(await redis.call("INFO", "memory")))?.[1]);
  };
  await server.families(there);
  const before = await used();
  await server.families(sample);
  return ((await used()) - before) / sample;
}

/** What a user's grant with its access and refresh token takes of Redis' memory, against oidc-provider. */
export async function redisMemory(plan: Plan): Promise<readonly Row[]> {
  await using ourRedis = await startRedisServer();
  await using theirRedis = await startRedisServer();
  await using deployment = await deploy(plan, { redisUrl: ourRedis.url });
  await using peer = await startPeer("oidc-provider", plan, {
    tokenFormat: "jwt",
    redisUrl: theirRedis.url,
  });
  const [ours, baseline] = [
    await memoryOf(ourRedis, serverOf(deployment)),
    await memoryOf(theirRedis, serverOfPeer(peer)),
  ];
  return [
    {
      name: "memory of a grant with its tokens in Redis, JWT, against oidc-provider",
      unit: "bytes",
      ...{ ours: { value: ours }, baseline: { value: baseline }, ratio: ours / baseline },
      goal: atMost(ours / baseline, 0.33),
    },
  ];
}
