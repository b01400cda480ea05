/**
 * What a token request costs at the very least here: a Fastify route that takes a form, checks Basic credentials by their
 * SHA-256, signs ES256 by jose and makes one durable append, which shares its fsync with others. Told the credentials, it
 * says its URL.
 */
import { hash, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import formbody from "@fastify/formbody";
import fastify from "fastify";
import { generateKeyPair, SignJWT } from "jose";
import { v7 as uuidv7 } from "uuid";
import { openSqliteEventStore } from "../../infrastructure/event-store/sqlite/index.ts";
import { answer } from "./answer.ts";
import { claims, header } from "./claims.ts";
import { ownFolder } from "./folder.ts";
import { grantEvent } from "./grant-event.ts";

const store = await openSqliteEventStore({ file: join(ownFolder(), "log.db") });
const { privateKey } = await generateKeyPair("ES256");

async function start({ id, secret }: { readonly id: string; readonly secret: string }): Promise<string> {
  const secretHash = hash("sha256", secret, "buffer");
  const app = fastify();
  await app.register(formbody);
  app.post("/token", async (request, reply) => {
    const basic = /^basic +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const [presentedId, presentedSecret = ""] = Buffer.from(basic, "base64").toString().split(":");
    const isKnown = timingSafeEqual(hash("sha256", presentedSecret, "buffer"), secretHash);
    if (presentedId !== id || !isKnown) return reply.code(401).send({ error: "invalid_client" });
    const token = await new SignJWT({ ...claims, jti: uuidv7() }).setProtectedHeader(header).sign(privateKey);
    await store.append(`grant-${uuidv7()}`, [grantEvent(uuidv7())], -1);
    return reply
      .header("cache-control", "no-store")
      .send({ access_token: token, token_type: "Bearer", expires_in: 900, scope: "read write" });
  });
  return `${await app.listen({ host: "127.0.0.1", port: 0 })}/token`;
}

answer(start, () => store.close());
