import autocannon, { type Request } from "autocannon";
import { cpuSeconds, residentBytes } from "./cpu.ts";
import type { Figures } from "./measure.ts";
import { quantile } from "./statistics.ts";

export const connections = 32;

/** One request that is sent over and over on one connection, and how its answer must look. */
export interface Exchange {
  /** The form; a function where it differs from time to time. */
  readonly body: string | (() => string);
  /** Whether this is the right answer. */
  readonly isRight: (status: number, body: string) => boolean;
}

export interface Target {
  readonly url: string;
  /** Basic credentials. */
  readonly id: string;
  readonly secret: string;
  /** The process that answers. */
  readonly pid: number;
}

/** How long requests are sent, or how many. */
export type Extent = { readonly seconds: number } | { readonly requests: number };

/**
 * Sends form posts over 32 connections, each of which has its own exchange, and answers the right answers a second, how
 * long they took and what they cost the server.
 * @throws at the end, where one answer was wrong or missing
 */
export async function load(
  { url, id, secret, pid }: Target,
  extent: Extent,
  exchangeOf: (connection: number) => Exchange,
): Promise<Figures> {
  let wrong: string | undefined;
  let connection = 0;
  const times: number[] = [];
  let last = 0;

  function requestOf({ body, isRight }: Exchange): Request {
    return {
      ...(typeof body === "string"
        ? { body }
        : { setupRequest: (request: Request) => ({ ...request, body: body() }) }),
      onResponse(status, answer) {
        if (!isRight(status, answer)) wrong ??= `${status} ${answer}`;
      },
    };
  }

  const before = cpuSeconds(pid);
  const start = performance.now();
  const result = await autocannon({
    url,
    method: "POST",
    connections,
    ...("seconds" in extent ? { duration: extent.seconds } : { amount: extent.requests }),
    sampleInt: 100,
    headers: {
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    setupClient(client) {
      client.setRequests([requestOf(exchangeOf(connection))]);
      client.on("response", (_status, _bytes, milliseconds) => {
        last = performance.now();
        times.push(milliseconds);
      });
      connection += 1;
    },
  });
  const cpu = cpuSeconds(pid) - before;
  if (wrong !== undefined) throw new Error(`${url} gave a wrong answer: ${wrong}`);
  if (result.errors + result.non2xx > 0) throw new Error(`${url} left requests without an answer`);
  const answered = result["2xx"];
  return {
    // It ends at a sample, up to 100 ms after the last of so many requests.
    value: answered / ("seconds" in extent ? result.duration : (last - start) / 1_000),
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    cpu: (cpu * 1_000) / answered,
    memory: residentBytes(pid) / 2 ** 20,
  };
}
