import { type Deployment, deploy } from "../deployment.ts";
import { connections, type Exchange, load } from "../load.ts";
import { compare, type Row } from "../measure.ts";
import type { Plan } from "../plan.ts";
import { startProgram } from "../program.ts";
import { authorizeFamilies } from "../tokens.ts";

const revisionOf = (refreshToken: string): number => Number(refreshToken.split(".")[1]);

/** Presents each refresh token once; its successor must be of the next revision. */
function rotation(first: string): Exchange {
  let current = first;
  return {
    body: () => new URLSearchParams({ grant_type: "refresh_token", refresh_token: current }).toString(),
    isRight(status, body) {
      if (status !== 200) return false;
      const { refresh_token: next = "", access_token: accessToken = "" } = JSON.parse(body);
      if (accessToken === "" || revisionOf(next) !== revisionOf(current) + 1) return false;
      current = next;
      return true;
    },
  };
}

/** A round ends with answers under way, whose families would be lost for the next: so each round has its own. */
async function rate(deployment: Deployment, seconds: number): Promise<number> {
  const families = await authorizeFamilies(deployment, connections);
  const target = { url: `${deployment.url}/auth/token`, ...deployment.client };
  return await load(target, seconds, (connection) => rotation(families[connection]?.refresh_token ?? ""));
}

/** Durable rotations of 32 token families at once, against the signatures alone. */
export async function refresh(plan: Plan): Promise<readonly Row[]> {
  await using deployment = await deploy(plan);
  await using signatures = startProgram("signatures", { ...plan, profileDir: undefined });
  const row = await compare(
    { name: "refresh, against signatures alone", unit: "rotations/s" },
    plan,
    (seconds) => rate(deployment, seconds),
    (seconds) => signatures.ask<number>(seconds),
  );
  return [row];
}
