import { startRedisServer } from "../../test/support/redis-server.ts";
import { deploy } from "../deployment.ts";
import { compare, type Row } from "../measure.ts";
import type { Plan } from "../plan.ts";
import { startProgram } from "../program.ts";
import type { BareSettings } from "../programs/bare-introspection.ts";
import { introspected, introspecting, serverOf } from "../server.ts";

async function compareFormat(
  plan: Plan,
  tokenFormat: "jwt" | "opaque",
  goal: number,
  redisUrl?: string,
): Promise<Row> {
  await using deployment = await deploy(plan, { tokenFormat, redisUrl });
  await using bare = startProgram("bare-introspection", { ...plan, profileDir: undefined });
  const server = serverOf(deployment);
  const answers = await introspected(server);
  const { resource } = deployment;
  const url = await bare.ask<string>({ ...resource, answers, redisUrl } satisfies BareSettings);
  const against = redisUrl === undefined ? "a bare route" : "a bare route with one HGETALL";
  return await compare(
    { name: `introspection, ${tokenFormat}, against ${against}`, unit: "requests/s", goal },
    plan,
    introspecting(server.introspect, answers),
    introspecting({ url, pid: bare.pid, ...resource }, answers),
  );
}

/** The same with the read models in Redis, against a bare route that finds its answer there by one HGETALL. */
export async function introspectionOnRedis(plan: Plan): Promise<readonly Row[]> {
  await using redis = await startRedisServer();
  return [
    await compareFormat(plan, "jwt", 0.85, redis.url),
    await compareFormat(plan, "opaque", 0.85, redis.url),
  ];
}

/** Introspections of users' tokens by a resource, against a bare Fastify route that gives the same answers. */
export const introspection = async (plan: Plan): Promise<readonly Row[]> => [
  await compareFormat(plan, "jwt", 0.75),
  await compareFormat(plan, "opaque", 0.75),
];
