/**
 * What introspection costs at the very least here: a Fastify route that takes a form, checks Basic credentials by their
 * SHA-256 and answers JSON that it holds ready by token. Told the credentials and answers, it says its URL.
 */
import { hash, timingSafeEqual } from "node:crypto";
import formbody from "@fastify/formbody";
import fastify from "fastify";
import { Redis } from "ioredis";
import { answer } from "./answer.ts";

export interface BareSettings {
  readonly id: string;
  readonly secret: string;
  readonly answers: readonly (readonly [token: string, answer: object])[];
  /** Where the answers are kept, a hash each; in this process where absent. */
  readonly redisUrl?: string | undefined;
}

/** Finds the answer to a token. */
type Find = (token: string) => Promise<object | undefined>;

async function inRedis(url: string, answers: BareSettings["answers"]): Promise<Find> {
  const redis = new Redis(url);
  const keyOf = (token: string) => `bare:${hash("sha256", token, "base64url")}`;
  for (const [token, told] of answers) await redis.hset(keyOf(token), { answer: JSON.stringify(told) });
  return async (token) => {
    const { answer: found } = await redis.hgetall(keyOf(token));
    return found === undefined ? undefined : JSON.parse(found);
  };
}

async function start({ id, secret, answers, redisUrl }: BareSettings): Promise<string> {
  const byToken = new Map(answers);
  const find: Find =
    redisUrl === undefined ? async (token) => byToken.get(token) : await inRedis(redisUrl, answers);
  const secretHash = hash("sha256", secret, "buffer");
  const app = fastify();
  await app.register(formbody);
  app.post<{ Body: { token: string } }>("/introspect", async (request, reply) => {
    const basic = /^basic +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const [presentedId, presentedSecret = ""] = Buffer.from(basic, "base64").toString().split(":");
    const isKnown = timingSafeEqual(hash("sha256", presentedSecret, "buffer"), secretHash);
    if (presentedId !== id || !isKnown) return reply.code(401).send({ error: "invalid_client" });
    return reply
      .header("cache-control", "no-store")
      .send((await find(request.body.token)) ?? { active: false });
  });
  return `${await app.listen({ host: "127.0.0.1", port: 0 })}/introspect`;
}

answer(start);
