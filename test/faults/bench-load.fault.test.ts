import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { deploy } from "../../bench/deployment.ts";
import { load } from "../../bench/load.ts";
import { smokePlan } from "../../bench/plan.ts";
import { serverOf } from "../../bench/server.ts";
import { post } from "../../bench/tokens.ts";

it("no token is lost that was answered under the load of the benchmark, when the server is killed twice", async () => {
  await using deployment = await deploy({ ...smokePlan, profileDir: undefined });
  const { token, introspect } = serverOf(deployment);
  const answered: string[] = [];
  const wrong: string[] = [];
  const form = new URLSearchParams({ grant_type: "client_credentials", scope: "read" }).toString();
  const loading = load(token, { seconds: 4 }, () => ({
    body: form,
    isRight(status, body) {
      if (status === 200) answered.push(JSON.parse(body).access_token);
      else if (status !== 503) wrong.push(`${status} ${body}`);
      return true;
    },
  })).catch(() => undefined); // Connections break when the server dies.
  for (let kills = 0; kills < 2; kills += 1) {
    await sleep(700);
    await deployment.restart("SIGKILL");
  }
  await loading;
  expect(wrong).toEqual([]);
  expect(answered.length).toBeGreaterThan(200);
  expect(new Set(answered).size).toBe(answered.length);

  const dead: string[] = [];
  const callers = Array.from({ length: 16 }, async (_, caller) => {
    for (let at = caller; at < answered.length; at += 16) {
      const known = await post<{ active: boolean }>(introspect.url, introspect, {
        token: answered[at] ?? "",
      });
      if (!known.active) dead.push(answered[at] ?? "");
    }
  });
  await Promise.all(callers);
  expect(dead).toEqual([]);
}, 60_000);
