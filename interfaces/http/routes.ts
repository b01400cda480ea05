import type { FastifyInstance } from "fastify";

const known = new WeakMap<FastifyInstance, Map<string, Set<string>>>();

/** Remembers which methods each path has, so that a wrong method is told from an unknown path. */
export function rememberRoutes(app: FastifyInstance): void {
  const byUrl = new Map<string, Set<string>>();
  known.set(app, byUrl);
  app.addHook("onRoute", ({ url, method }) => {
    const methods = byUrl.get(url) ?? new Set<string>();
    for (const name of [method].flat()) methods.add(name);
    byUrl.set(url, methods);
  });
}

/** Every route as `GET /auth/jwks`, but those that answer for others: preflights, and HEAD for GET. */
export const routesOf = (app: FastifyInstance): readonly string[] =>
  [...(known.get(app) ?? [])]
    .filter(([url]) => url !== "*")
    .flatMap(([url, methods]) => [...methods].map((method) => `${method} ${url}`))
    .filter((route) => !route.startsWith("HEAD ") && !route.startsWith("OPTIONS "))
    .sort();

const matches = (pattern: string, path: string): boolean =>
  new RegExp(`^${pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/:[A-Za-z]+/g, "[^/]+")}$`).test(
    path,
  );

/** The methods that this URL's path has; empty where there is no such path. */
export function allowedMethods(app: FastifyInstance, url: string): readonly string[] {
  const path = url.split("?")[0] ?? url;
  const routes = [...(known.get(app) ?? [])].filter(([pattern]) => pattern !== "*" && matches(pattern, path));
  return [...new Set(routes.flatMap(([, methods]) => [...methods]))].sort();
}
