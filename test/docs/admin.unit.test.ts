import { readFileSync } from "node:fs";
import fastify from "fastify";
import { expect, it } from "vitest";
import { adminUserRoutes } from "../../interfaces/http/admin/users.ts";
import type { HttpDependencies } from "../../interfaces/http/dependencies.ts";

const page = readFileSync(new URL("../../docs/admin.md", import.meta.url), "utf8");

/** `GET /admin/users` and its like, as the server has them. */
async function routes(): Promise<readonly string[]> {
  const found: string[] = [];
  const app = fastify({ exposeHeadRoutes: false });
  app.addHook("onRoute", ({ method, url }) => {
    found.push(`${method} ${url}`);
  });
  await app.register(adminUserRoutes({} as HttpDependencies));
  await app.close();
  return found.sort();
}

it("docs/admin.md lists every route of the admin API and no other", async () => {
  const listed = [...page.matchAll(/^\| `(\S+ \/admin\S*)` /gm)].map(([, route]) => route);
  expect(listed.sort()).toEqual(await routes());
});

it("docs/admin.md shows how each is asked", async () => {
  const asked = [...page.matchAll(/curl -s (?:-X (\w+) )?"\$ISSUER(\/admin[^"]*)"(.*(?:\\\n.*)?)/g)].map(
    ([, method, path = "", rest = ""]) =>
      `${method ?? (rest.includes(" -d ") ? "POST" : "GET")} ${path
        .replace("$USER_ID", ":userId")
        .replace("$SESSION_ID", ":sessionId")
        .replace("$CLIENT_ID", ":clientId")}`,
  );
  expect(asked.sort()).toEqual(await routes());
});
