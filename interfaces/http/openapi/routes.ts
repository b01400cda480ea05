import { createHash } from "node:crypto";
import type { FastifyPluginAsync } from "fastify";
import type { HttpDependencies } from "../dependencies.ts";
import { NotThere } from "../errors.ts";
import { type DocsFiles, docsFiles, docsPage, docsPolicy } from "./page.ts";

/** The description as it is sent, and what it is known by. */
interface Description {
  readonly text: string;
  readonly etag: string;
}

/** Made when it is asked for first: the library and the schemas of answers are loaded for it alone. */
async function describe(dependencies: HttpDependencies): Promise<Description> {
  const { apiDocument } = await import("./document.ts");
  const text = JSON.stringify(apiDocument(dependencies));
  return { text, etag: `"${createHash("sha256").update(text).digest("base64url")}"` };
}

/** GET /openapi.json, and a page to read and try it at /docs. */
export const openapiRoutes =
  (dependencies: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    const { issuer } = dependencies.context.policy;
    let description: Promise<Description> | undefined;
    let files: Promise<DocsFiles> | undefined;

    app.get("/openapi.json", async (request, reply) => {
      description ??= describe(dependencies);
      const { text, etag } = await description;
      reply.headers({ etag, "cache-control": "public, max-age=300" });
      const known = (request.headers["if-none-match"] ?? "").split(",").map((one) => one.trim());
      if (known.includes(etag) || known.includes(`W/${etag}`)) return reply.code(304).send();
      return reply.type("application/json; charset=utf-8").send(text);
    });

    app.get("/docs", async (_request, reply) =>
      reply
        .headers({ "content-security-policy": docsPolicy(issuer), "cache-control": "no-store" })
        .type("text/html; charset=utf-8")
        .send(docsPage),
    );

    app.get<{ Params: { readonly file: string } }>("/docs/:file", async (request, reply) => {
      files ??= docsFiles();
      const file = (await files).get(request.params.file);
      if (!file) throw new NotThere();
      const isZipped = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
      return reply
        .headers({
          "content-security-policy": docsPolicy(issuer),
          "cache-control": "public, max-age=86400",
          vary: "accept-encoding",
          ...(isZipped ? { "content-encoding": "gzip" } : {}),
        })
        .type(file.type)
        .send(isZipped ? file.zipped : file.content);
    });
  };
