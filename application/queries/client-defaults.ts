import type { Client } from "../../domain/client/client.ts";
import { refusal } from "../../domain/oauth/refusal.ts";
import { normaliseResource } from "../../domain/oauth/resource-indicator.ts";
import type { Scope } from "../../domain/oauth/scope.ts";
import type { Resource } from "../../domain/resource/resource.ts";
import type { Context } from "../context.ts";
import { RefusedError } from "../errors.ts";
import { adminScope } from "../policy.ts";

/** More resources than one request may name, or a deployment mark as default. */
const maxResources = 64;

/** What a client gets without asking: all that it registered but the administrative scope. */
export const defaultScope = (client: Client): Scope => client.scopes.filter((scope) => scope !== adminScope);

async function resourcesBy(
  { readModels }: Pick<Context, "readModels">,
  index: readonly [string, string],
): Promise<readonly Resource[]> {
  const found = await readModels.list("resources", { index, limit: maxResources });
  return found.map(({ document }) => document as unknown as Resource);
}

/**
 * The resources that a grant is for (RFC 8707 §2): those asked for, each of which must exist, or the client's
 * defaults. The issuer itself stands for the admin API, for clients that registered its scope.
 * @throws {RefusedError} invalid_target
 */
export async function audienceFor(
  context: Pick<Context, "readModels" | "policy">,
  client: Client,
  requested: readonly string[] | undefined,
): Promise<readonly string[]> {
  const { issuer } = context.policy;
  const mayAdminister = client.scopes.includes(adminScope);
  if (!requested) {
    const defaults = await resourcesBy(context, ["default", "yes"]);
    return [...defaults.map(({ uri }) => uri), ...(mayAdminister ? [issuer] : [])];
  }
  const unknown = new RefusedError(refusal("invalid_target", "Unknown resource"), client.clientId);
  if (requested.length > maxResources) throw unknown;
  const audience: string[] = [];
  for (const value of requested) {
    const uri = normaliseResource(value);
    if (uri === undefined) throw unknown;
    if (uri === normaliseResource(issuer) && mayAdminister) audience.push(issuer);
    else {
      const known = await resourcesBy(context, ["uri", uri]);
      if (!known.some(({ status }) => status === "active")) throw unknown;
      audience.push(uri);
    }
  }
  return [...new Set(audience)];
}
