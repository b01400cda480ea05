import { startRedisServer } from "../../test/support/redis-server.ts";
import { deploy } from "../deployment.ts";
import { compare, type Row } from "../measure.ts";
import { startPeer } from "../peer.ts";
import type { Plan } from "../plan.ts";
import { operations, serverOf, serverOfPeer } from "../server.ts";

type Format = "jwt" | "opaque";

interface Comparison {
  readonly operation: keyof typeof operations;
  readonly tokenFormat: Format;
  readonly peer: "oidc-provider" | "better-auth";
  /** Where our read models are; the log is embedded and durable in both. */
  readonly readModels: "embedded" | "Redis";
  readonly goal: number;
}

async function compareWith(
  plan: Plan,
  { operation, tokenFormat, peer: name, readModels, goal }: Comparison,
): Promise<Row> {
  await using ourRedis = readModels === "Redis" ? await startRedisServer() : undefined;
  await using theirRedis = name === "oidc-provider" ? await startRedisServer() : undefined;
  await using deployment = await deploy(plan, { tokenFormat, redisUrl: ourRedis?.url });
  const peerPlan = { ...plan, profileDir: undefined };
  const redisUrl = theirRedis && { redisUrl: theirRedis.url };
  await using peer = await startPeer(name, peerPlan, { tokenFormat, ...redisUrl });
  return await compare(
    {
      name: `${operation}, ${tokenFormat}, ${readModels}, against ${name}`,
      unit: "requests/s",
      goal,
    },
    plan,
    await operations[operation](serverOf(deployment)),
    await operations[operation](serverOfPeer(peer)),
  );
}

async function all(plan: Plan, comparisons: readonly Comparison[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const comparison of comparisons) rows.push(await compareWith(plan, comparison));
  return rows;
}

/** Against oidc-provider on Redis. It does not introspect JWTs, and stores nothing for one that a client gets for itself. */
export const oidcProvider = (plan: Plan): Promise<readonly Row[]> => {
  const peer = "oidc-provider";
  return all(plan, [
    { peer, operation: "introspection", tokenFormat: "opaque", readModels: "Redis", goal: 3 },
    { peer, operation: "introspection", tokenFormat: "opaque", readModels: "embedded", goal: 3 },
    { peer, operation: "client credentials", tokenFormat: "jwt", readModels: "embedded", goal: 2 },
    { peer, operation: "refresh", tokenFormat: "jwt", readModels: "embedded", goal: 2.5 },
    { peer, operation: "refresh", tokenFormat: "opaque", readModels: "embedded", goal: 2.5 },
    { peer, operation: "code exchange", tokenFormat: "jwt", readModels: "embedded", goal: 2 },
  ]);
};

/** Against better-auth on SQLite. */
export const betterAuth = (plan: Plan): Promise<readonly Row[]> => {
  const common = { peer: "better-auth", tokenFormat: "jwt", readModels: "embedded", goal: 15 } as const;
  return all(plan, [
    { ...common, operation: "introspection" },
    { ...common, operation: "client credentials" },
    { ...common, operation: "refresh" },
    { ...common, operation: "code exchange" },
  ]);
};
