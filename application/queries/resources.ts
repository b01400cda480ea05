import { normaliseResource } from "../../domain/oauth/resource-indicator.ts";
import type { Context } from "../context.ts";
import { maxFound, ref } from "../documents.ts";

type Dependencies = Pick<Context, "documents" | "policy">;

/** More resources than one request may name, or a deployment mark as default. */
export const maxResources = maxFound;

/** Whether this resource indicator names the issuer itself, that is the admin API. */
export const isIssuer = ({ policy }: Pick<Context, "policy">, uri: string): boolean =>
  uri === normaliseResource(policy.issuer);

/** Whether there is an active resource of this normalised URI. @throws {Unavailable} */
export const isActiveResource = async ({ documents }: Dependencies, uri: string): Promise<boolean> =>
  (await documents.find(ref.resource, ["uri", uri])).some(({ status }) => status === "active");

/** The resources that a token asked for without `resource` is for. @throws {Unavailable} */
export const defaultResources = async ({ documents }: Dependencies): Promise<readonly string[]> =>
  (await documents.find(ref.resource, ["default", "yes"]))
    .filter(({ status, isDefault }) => status === "active" && isDefault)
    .map(({ uri }) => uri);

/** Those of these resources that are still active; the issuer always is. @throws {Unavailable} */
export async function activeResources(
  dependencies: Dependencies,
  audience: readonly string[],
): Promise<readonly string[]> {
  const { issuer } = dependencies.policy;
  const isActive = await Promise.all(
    audience.map(async (uri) => uri === issuer || (await isActiveResource(dependencies, uri))),
  );
  return audience.filter((_, index) => isActive[index]);
}
