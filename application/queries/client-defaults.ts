import type { Client } from "../../domain/client/client.ts";
import { refusal } from "../../domain/oauth/refusal.ts";
import { normaliseResource } from "../../domain/oauth/resource-indicator.ts";
import type { Scope } from "../../domain/oauth/scope.ts";
import type { Context } from "../context.ts";
import { RefusedError } from "../errors.ts";
import { adminScope } from "../policy.ts";
import { defaultResources, isActiveResource, isIssuer, maxResources } from "./resources.ts";

/** What a client gets without asking: all that it registered but the administrative scope. */
export const defaultScope = (client: Client): Scope => client.scopes.filter((scope) => scope !== adminScope);

/**
 * The resources that a grant is for (RFC 8707 §2): those asked for, each of which must exist, or the client's
 * defaults. The issuer itself stands for the admin API, for clients that registered its scope. Never none: a token for
 * nobody would be good nowhere.
 * @throws {RefusedError} invalid_target @throws {Unavailable}
 */
export async function audienceFor(
  context: Pick<Context, "documents" | "policy">,
  client: Client,
  requested: readonly string[] | undefined,
): Promise<readonly string[]> {
  const refuse = (description: string) =>
    new RefusedError(refusal("invalid_target", description), client.clientId);
  const { issuer } = context.policy;
  const mayAdminister = client.scopes.includes(adminScope);
  if (!requested) {
    const defaults = [...(await defaultResources(context)), ...(mayAdminister ? [issuer] : [])];
    if (defaults.length === 0) throw refuse("There is no default resource; name one");
    return defaults;
  }
  if (requested.length > maxResources) throw refuse("Unknown resource");
  const audience = new Set<string>();
  for (const value of requested) {
    const uri = normaliseResource(value);
    if (uri === undefined) throw refuse("Unknown resource");
    if (isIssuer(context, uri) && mayAdminister) audience.add(issuer);
    else if (await isActiveResource(context, uri)) audience.add(uri);
    else throw refuse("Unknown resource");
  }
  return [...audience];
}
