import { type Deployment, deploy } from "../deployment.ts";
import { connections, load } from "../load.ts";
import { compare, type Row } from "../measure.ts";
import type { Plan } from "../plan.ts";
import { startProgram } from "../program.ts";
import { post } from "../tokens.ts";

const form = new URLSearchParams({ grant_type: "client_credentials", scope: "read write" }).toString();
const tokenForm = /^\{"access_token":"([\w-]+\.[\w-]+\.[\w-]+)","token_type":"Bearer",/;

/** Tokens a second; each must differ from the one before, and the last of each connection must be active. */
async function rate({ url, client, resource }: Deployment, seconds: number): Promise<number> {
  const last = new Array<string>(connections).fill("");
  const answered = await load({ url: `${url}/auth/token`, ...client }, seconds, (connection) => ({
    body: form,
    isRight(status, body) {
      const token = tokenForm.exec(body)?.[1];
      if (status !== 200 || token === undefined || token === last[connection]) return false;
      last[connection] = token;
      return true;
    },
  }));
  for (const token of last) {
    const { active } = await post<{ active: boolean }>(`${url}/auth/introspect`, resource, { token });
    if (!active) throw new Error("a token that was handed out is not active");
  }
  return answered;
}

/** Durable client_credentials tokens (JWT, ES256) against the signatures alone. */
export async function clientCredentials(plan: Plan): Promise<readonly Row[]> {
  await using deployment = await deploy(plan);
  await using signatures = startProgram("signatures", { ...plan, profileDir: undefined });
  const row = await compare(
    { name: "client credentials, against signatures alone", unit: "tokens/s" },
    plan,
    (seconds) => rate(deployment, seconds),
    (seconds) => signatures.ask<number>(seconds),
  );
  return [row];
}
