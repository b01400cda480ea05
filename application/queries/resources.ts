import { normaliseResource } from "../../domain/oauth/resource-indicator.ts";
import type { Resource } from "../../domain/resource/resource.ts";
import type { Context } from "../context.ts";

type Dependencies = Pick<Context, "readModels" | "policy">;

/** More resources than one request may name, or a deployment mark as default. */
export const maxResources = 64;

/** Resources by an index value. @throws {Unavailable} */
async function resourcesBy(
  { readModels }: Dependencies,
  name: string,
  value: string,
): Promise<readonly Resource[]> {
  const found = await readModels.list("resources", { index: [name, value], limit: maxResources });
  return found.map(({ document }) => document as unknown as Resource);
}

/** Whether this resource indicator names the issuer itself, that is the admin API. */
export const isIssuer = ({ policy }: Pick<Context, "policy">, uri: string): boolean =>
  uri === normaliseResource(policy.issuer);

/** Whether there is an active resource of this normalised URI. */
export const isActiveResource = async (dependencies: Dependencies, uri: string): Promise<boolean> =>
  (await resourcesBy(dependencies, "uri", uri)).some(({ status }) => status === "active");

/** The resources that a token asked for without `resource` is for. */
export const defaultResources = async (dependencies: Dependencies): Promise<readonly string[]> =>
  (await resourcesBy(dependencies, "default", "yes")).map(({ uri }) => uri);

/** Those of these resources that are still active; the issuer always is. */
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
