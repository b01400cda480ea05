import autocannon from "autocannon";
import { residentBytes } from "../cpu.ts";
import { type Deployment, deploy } from "../deployment.ts";
import { issuing } from "../exchanges.ts";
import { connections, load } from "../load.ts";
import { atMost, type Row } from "../measure.ts";
import type { Plan } from "../plan.ts";
import { operations, serverOf } from "../server.ts";
import { quantile } from "../statistics.ts";

/** How many times as many callers as usual. */
const times = 10;

/** What became of the requests of too many callers. */
interface Outcome {
  /** Milliseconds that the tokens took that were issued. */
  readonly issued: readonly number[];
  /** Milliseconds that those took who were turned away. */
  readonly turnedAway: readonly number[];
  readonly megabytes: number;
}

/** Sends ten times as many token requests at once. @throws where an answer is neither a token nor a right 503 */
async function overload({ url, client, pid }: Deployment, seconds: number): Promise<Outcome> {
  const [issued, turnedAway]: [number[], number[]] = [[], []];
  let wrong: string | undefined;
  const { body } = issuing({});
  const result = await autocannon({
    url: `${url}/auth/token`,
    method: "POST",
    connections: connections * times,
    duration: seconds,
    sampleInt: 100,
    headers: {
      authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    setupClient(caller) {
      caller.setRequests([
        {
          body: body as string,
          onResponse(status, answer, _context, headers) {
            const isTold = headers["retry-after"] === "1" && answer.includes("temporarily_unavailable");
            if (status !== 200 && !(status === 503 && isTold)) wrong ??= `${status} ${answer}`;
          },
        },
      ]);
      caller.on("response", (status, _bytes, milliseconds) =>
        (status === 200 ? issued : turnedAway).push(milliseconds),
      );
    },
  });
  if (wrong !== undefined) throw new Error(`a wrong answer under overload: ${wrong}`);
  if (result.errors > 0) throw new Error("requests were left without an answer");
  return { issued, turnedAway, megabytes: residentBytes(pid) / 2 ** 20 };
}

/** Ten times as many callers for a while: how long tokens take then, and right afterwards, against the usual load. */
export async function overloaded(plan: Plan): Promise<readonly Row[]> {
  await using deployment = await deploy(plan);
  const usually = await operations["client credentials"](serverOf(deployment));
  await usually(plan.warmUpSeconds);
  const before = await usually(plan.seconds);
  const { issued, turnedAway, megabytes } = await overload(deployment, plan.seconds * 6);
  const target = serverOf(deployment).token;
  const after = await load(target, { seconds: Math.min(1, plan.seconds) }, () => issuing({}));
  const usual = before.p99 ?? Number.NaN;
  const row = (name: string, value: number, goal?: number): Row => ({
    name: `overload: ${name}`,
    unit: "ms",
    ours: { value, memory: megabytes },
    baseline: { value: usual },
    ratio: value / usual,
    ...(goal === undefined ? {} : { goal: atMost(value / usual, goal) }),
  });
  const share = turnedAway.length / (turnedAway.length + issued.length);
  return [
    row("p99 of tokens issued", quantile(issued, 0.99), 5),
    { name: "overload: turned away", unit: "% of requests", ours: { value: share * 100 } },
    ...(turnedAway.length > 0 ? [row("p99 of those turned away", quantile(turnedAway, 0.99))] : []),
    row("p99 in the second after it", after.p99 ?? Number.NaN, 1.5),
  ];
}
