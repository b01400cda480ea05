import { readFileSync } from "node:fs";
import fastify, { type FastifyPluginAsync } from "fastify";
import { expect, it } from "vitest";
import { adminAuditRoutes } from "../../interfaces/http/admin/audit.ts";
import { adminExportRoute } from "../../interfaces/http/admin/audit-export.ts";
import { adminProofRoutes } from "../../interfaces/http/admin/audit-proof.ts";
import { adminClientRoutes } from "../../interfaces/http/admin/clients.ts";
import { adminGrantRoutes } from "../../interfaces/http/admin/grants.ts";
import { adminKeyRoutes } from "../../interfaces/http/admin/keys.ts";
import { adminResourceRoutes } from "../../interfaces/http/admin/resources.ts";
import { adminUserAccessRoutes } from "../../interfaces/http/admin/user-access.ts";
import { adminUserRoutes } from "../../interfaces/http/admin/users.ts";
import type { HttpDependencies } from "../../interfaces/http/dependencies.ts";

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const page = read("admin.md");

/** The routes that a page has in its table. */
const listedIn = (text: string) =>
  [...text.matchAll(/^\| `(\S+ \/admin\S*)` /gm)].map(([, route]) => route).sort();

/** `GET /admin/users` and its like, as the server has them. */
async function routes(
  ...plugins: readonly ((dependencies: HttpDependencies) => FastifyPluginAsync)[]
): Promise<readonly string[]> {
  const found: string[] = [];
  const app = fastify({ exposeHeadRoutes: false });
  app.addHook("onRoute", ({ method, url }) => {
    found.push(`${method} ${url}`);
  });
  const dependencies = { audit: { store: {} }, context: {} } as HttpDependencies;
  for (const plugin of plugins) await app.register(plugin(dependencies));
  await app.close();
  return found.sort();
}

const administered = () =>
  routes(
    ...[adminUserRoutes, adminUserAccessRoutes, adminClientRoutes],
    ...[adminGrantRoutes, adminResourceRoutes, adminKeyRoutes],
  );

it("docs/admin.md lists every route of the admin API and no other", async () => {
  expect(listedIn(page)).toEqual(await administered());
});

it("docs/audit.md lists every route of the audit API and no other", async () => {
  expect(listedIn(read("audit.md"))).toEqual(
    await routes(adminAuditRoutes, adminProofRoutes, adminExportRoute),
  );
});

it("docs/admin.md shows how each is asked", async () => {
  const asked = [...page.matchAll(/\bask (?:-i )?(?:-X (\w+) )?"\$ISSUER(\/admin[^"?]*)[^"]*"(.*)/g)].map(
    ([, method, path = "", rest = ""]) =>
      `${method ?? (rest.includes(" -d ") ? "POST" : "GET")} ${path
        .replace("$USER_ID", ":userId")
        .replace("$SESSION_ID", ":sessionId")
        .replace("$CLIENT_ID", ":clientId")
        .replace(/\/apps\/.+/, "/apps/:clientId")
        .replace("$GRANT_ID", ":grantId")
        .replace("$RESOURCE_ID", ":resourceId")}`,
  );
  expect([...new Set(asked)].sort()).toEqual(await administered());
});
