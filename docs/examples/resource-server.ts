import { resourceServer } from "dacapo/resource-server";
import fastify from "fastify";

const {
  DACAPO_ISSUER = "http://localhost:8000",
  API_URL = "http://localhost:4000",
  PORT = "4000",
} = process.env;

const app = fastify();

await app.register(resourceServer, {
  issuer: DACAPO_ISSUER,
  resource: API_URL,
  // As `dacapo resource create` showed them. Or "local": no request a token, but a revoked token lives until its `exp`.
  validation: { id: process.env.API_ID ?? "", secret: process.env.API_SECRET ?? "" },
});

app.get("/notes", { preHandler: app.requireScope("read") }, async ({ accessToken }) => ({
  of: accessToken?.subject,
  notes: ["c", "e", "g"],
}));

app.post("/notes", { preHandler: app.requireScope("read", "write") }, async () => ({ added: true }));

await app.listen({ host: "127.0.0.1", port: Number(PORT) });
console.log(`Notes at ${API_URL}`);
