import type { RouteShorthandOptions } from "fastify";
import type { HttpDependencies } from "./dependencies.ts";
import { byAddress } from "./rate-limits.ts";
import { beginHere } from "./same-site.ts";

/** The options of the pages' routes. They are counted together: 60 a minute from each address. */
export function pageRouteOptions(dependencies: HttpDependencies): RouteShorthandOptions {
  const { onRequest: limit } = byAddress(dependencies, { name: "pages", max: 60, window: 60 });
  const { cookies } = dependencies;
  return {
    config: { errors: "page" },
    onRequest: [...(limit ? [limit] : []), ...(cookies.areStrict ? [beginHere(cookies)] : [])],
  };
}

/** Those of the forms by which a person ends access: nobody at the same address may keep them from that by filling a limit. */
export const endingRouteOptions: RouteShorthandOptions = { config: { errors: "page" } };
