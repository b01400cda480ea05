/**
 * What introspection costs at the very least here: a Fastify route that takes a form, checks Basic credentials by their
 * SHA-256 and answers JSON that it holds ready by token. Told the credentials and answers, it says its URL.
 */
import { hash, timingSafeEqual } from "node:crypto";
import formbody from "@fastify/formbody";
import fastify from "fastify";
import { answer } from "./answer.ts";

export interface BareSettings {
  readonly id: string;
  readonly secret: string;
  readonly answers: readonly (readonly [token: string, answer: object])[];
}

async function start({ id, secret, answers }: BareSettings): Promise<string> {
  const byToken = new Map(answers);
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
      .send(byToken.get(request.body.token) ?? { active: false });
  });
  return `${await app.listen({ host: "127.0.0.1", port: 0 })}/introspect`;
}

answer(start);
