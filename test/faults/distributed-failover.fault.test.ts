import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "vitest";
import type { RedisServer } from "../support/redis-server.ts";
import { startDeployment } from "./deployment.ts";
import { isNightly, size } from "./fault-size.ts";
import { cutReplication, failOver, rolesOf } from "./redis-place.ts";
import { underLoad } from "./under-load.ts";

async function failedOver(kind: "sentinel" | "cluster"): Promise<void> {
  await using deployment = await startDeployment({ redis: kind });
  const { url, masters, replicas } = deployment.redis;
  const [master, replica] = [masters.at(-1) as RedisServer, replicas.at(-1) as RedisServer];
  await underLoad(kind, { deployment, redis: { url, master, replica } }, async () => {
    const roles = await rolesOf([master, replica]);
    await cutReplication(roles.replica);
    await sleep(size.seconds * 500);
    await failOver(roles.master, roles.replica);
  });
}

// By day, the same is tested without waiting for an election.
describe.runIf(isNightly)(
  "what was revoked stays dead when a replica that missed it is promoted (I5, I9)",
  () => {
    it("by Sentinel", () => failedOver("sentinel"), size.testTimeout);
    it("in a Cluster", () => failedOver("cluster"), size.testTimeout);
  },
);
