import autocannon, { type Request } from "autocannon";

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
}

/**
 * Sends form posts over 32 connections, each of which has its own exchange, and answers the right answers a second.
 * @throws at the end, where one answer was wrong or missing
 */
export async function load(
  { url, id, secret }: Target,
  seconds: number,
  exchangeOf: (connection: number) => Exchange,
): Promise<number> {
  let wrong: string | undefined;
  let connection = 0;

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

  const result = await autocannon({
    url,
    method: "POST",
    connections,
    duration: seconds,
    sampleInt: 100,
    headers: {
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    setupClient(client) {
      client.setRequests([requestOf(exchangeOf(connection))]);
      connection += 1;
    },
  });
  if (wrong !== undefined) throw new Error(`${url} gave a wrong answer: ${wrong}`);
  if (result.errors + result.non2xx > 0) throw new Error(`${url} left requests without an answer`);
  return result["2xx"] / result.duration;
}
