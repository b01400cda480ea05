import { deploy } from "../deployment.ts";
import { compare, type Row } from "../measure.ts";
import type { Plan } from "../plan.ts";
import { startProgram } from "../program.ts";
import { operations, serverOf } from "../server.ts";

/** Durable token requests (JWT, ES256) against a bare Fastify route that signs by jose and makes one durable grouped append. */
export async function tokenRequests(plan: Plan): Promise<readonly Row[]> {
  await using deployment = await deploy(plan);
  await using bare = startProgram("bare-token", { ...plan, profileDir: undefined });
  const server = serverOf(deployment);
  const url = await bare.ask<string>(deployment.client);
  const rows: Row[] = [];
  for (const name of ["client credentials", "refresh", "code exchange"] as const) {
    const ours = await operations[name](server);
    const baseline = await operations["client credentials"]({
      ...server,
      token: { ...server.token, url, pid: bare.pid },
    });
    rows.push(
      await compare({ name: `${name}, against a bare route`, unit: "requests/s" }, plan, ours, baseline),
    );
  }
  return rows;
}
