import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Config } from "../../infrastructure/config/schema.ts";
import { networkList } from "../../infrastructure/network/addresses.ts";

/** An address that may not connect, or not to this path. Becomes 403. */
export class ForeignNetwork extends Error {
  override readonly name = "ForeignNetwork";
}

/** @throws {ForeignNetwork} where the address that a request comes from may not ask what it asks */
export type RequireAllowed = (request: FastifyRequest) => void;

/** Probes come from an orchestrator's own network; to them a refusal means a dead process. They say nothing of anybody. */
const probes: readonly string[] = ["/livez", "/readyz", "/health"];

const isAdministrative = (route: string): boolean =>
  route.startsWith("/admin/") || route === "/auth/register/client";

/**
 * Judges addresses by the configured networks; an empty list allows every address. What is administrative is for its own
 * list alone where there is one, and the probes are for all.
 */
export function allowedNetworks({
  allowNetworks,
  adminNetworks,
}: Pick<Config, "allowNetworks" | "adminNetworks">): RequireAllowed {
  const everywhere = () => true;
  const mayConnect = allowNetworks.length > 0 ? networkList(allowNetworks) : everywhere;
  const mayAdministrate = adminNetworks.length > 0 ? networkList(adminNetworks) : mayConnect;
  // The address itself is personal, and stands in no log.
  const listOf = (route: string): string =>
    isAdministrative(route) && adminNetworks.length > 0 ? "adminNetworks" : "allowNetworks";
  return ({ ip, routeOptions }) => {
    const { url: route = "" } = routeOptions;
    if (probes.includes(route)) return;
    const isAllowed = isAdministrative(route) ? mayAdministrate : mayConnect;
    if (!isAllowed(ip)) throw new ForeignNetwork(`its address is not in ${listOf(route)}`);
  };
}

/**
 * Whose X-Forwarded-For is believed, for Fastify, which walks that header from its right end to the first address that is
 * not one of these: what a client wrote there itself is further left and never reached. Where
 * something stands there that is no address, the walk ends, and what is no address lies in no network.
 */
export function trustedProxies(trustProxy: readonly string[]): false | ((address: string) => boolean) {
  return trustProxy.length > 0 && networkList(trustProxy);
}

/** Refuses requests from other networks before anything else is done for them. */
export function refuseForeignNetworks(app: FastifyInstance, requireAllowed: RequireAllowed): void {
  app.addHook("onRequest", (request, _reply, done) => {
    requireAllowed(request);
    done();
  });
}
