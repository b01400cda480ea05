import { startRedisServer } from "../../test/support/redis-server.ts";
import { type Deployment, deploy } from "../deployment.ts";
import { connections, load, type Target } from "../load.ts";
import { compare, type Row } from "../measure.ts";
import type { Plan } from "../plan.ts";
import { startProgram } from "../program.ts";
import type { BareSettings } from "../programs/bare-introspection.ts";
import { authorizeFamilies, post } from "../tokens.ts";

type Answers = readonly (readonly [token: string, answer: object])[];

/** A user's access token for each connection, with what its introspection must say. */
async function introspected(deployment: Deployment): Promise<Answers> {
  const families = await authorizeFamilies(deployment, connections);
  const answers = families.map(async ({ access_token: token = "" }) => {
    const answer = await post<{ active: boolean }>(`${deployment.url}/auth/introspect`, deployment.resource, {
      token,
    });
    if (!answer.active) throw new Error("a fresh access token is not active");
    return [token, answer] as const;
  });
  return await Promise.all(answers);
}

const rate = (target: Target, answers: Answers) => (seconds: number) =>
  load(target, seconds, (connection) => {
    const [token, answer] = answers[connection] ?? ["", {}];
    const expected = JSON.stringify(answer);
    return {
      body: new URLSearchParams({ token }).toString(),
      isRight: (status, body) => status === 200 && body === expected,
    };
  });

async function compareFormat(plan: Plan, format: "jwt" | "opaque", redisUrl?: string): Promise<Row> {
  const engines = redisUrl === undefined ? {} : { DACAPO_REDIS_URL: redisUrl };
  await using deployment = await deploy(plan, format, engines);
  await using bare = startProgram("bare-introspection", { ...plan, profileDir: undefined });
  const { url, resource } = deployment;
  const answers = await introspected(deployment);
  const bareUrl = await bare.ask<string>({ ...resource, answers, redisUrl } satisfies BareSettings);
  return await compare(
    {
      name: `introspection, ${format}, against a bare route${redisUrl === undefined ? "" : " with one HGETALL"}`,
      unit: "requests/s",
    },
    plan,
    rate({ url: `${url}/auth/introspect`, ...resource }, answers),
    rate({ url: bareUrl, ...resource }, answers),
  );
}

/** The same with the read models in Redis, against a bare route that finds its answer there by one HGETALL. */
export async function introspectionOnRedis(plan: Plan): Promise<readonly Row[]> {
  await using redis = await startRedisServer();
  return [await compareFormat(plan, "jwt", redis.url), await compareFormat(plan, "opaque", redis.url)];
}

/** Introspections of users' tokens by a resource, against a bare Fastify route that gives the same answers. */
export const introspection = async (plan: Plan): Promise<readonly Row[]> => [
  await compareFormat(plan, "jwt"),
  await compareFormat(plan, "opaque"),
];
