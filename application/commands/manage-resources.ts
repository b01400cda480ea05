import { refusal } from "../../domain/oauth/refusal.ts";
import { normaliseResource } from "../../domain/oauth/resource-indicator.ts";
import type { Scope } from "../../domain/oauth/scope.ts";
import { generatedSecret } from "../../domain/oauth/secret.ts";
import { type Resource, type ResourceCommand, resourceDecider } from "../../domain/resource/resource.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { RefusedError } from "../errors.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import { resourceIdPrefix } from "./authenticate-introspector.ts";
import { confirmed } from "./confirm.ts";

export interface NewResource {
  readonly uri: string;
  readonly name: string;
  readonly scopes: Scope;
  readonly isDefault: boolean;
  /** Where set, the credentials to register with; a second registration under this id is refused. */
  readonly credentials?: { readonly id: string; readonly secret: string };
}

const refuse = (error: "invalid_request" | "invalid_target", description: string) =>
  new RefusedError(refusal(error, description));

/** Fresh credentials of a protected resource. */
export const newResourceCredentials = ({ secrets }: Pick<Context, "secrets">) => ({
  id: `${resourceIdPrefix}${secrets.newId()}`,
  secret: secrets.random(),
});

/** Registers a protected resource; the secret is shown this once. @throws {RefusedError} @throws {Unavailable} */
export async function createResource(
  context: Context,
  { uri, name, scopes, isDefault, credentials }: NewResource,
  metadata: EventMetadata,
): Promise<{ readonly resource: Resource; readonly secret: string }> {
  const { documents, clock, policy } = context;
  const normalised = normaliseResource(uri);
  if (normalised === undefined)
    throw refuse("invalid_target", "A resource must be an absolute http(s) URI without a fragment");
  if (normalised === normaliseResource(policy.issuer))
    throw refuse("invalid_target", "The issuer itself is the admin API");
  if (scopes.some((scope) => !policy.scopes.some((known) => known.name === scope)))
    throw refuse(
      "invalid_request",
      `There is no such scope; there are ${policy.scopes.map(({ name }) => name).join(", ")}`,
    );
  const { id, secret } = credentials ?? newResourceCredentials(context);
  const [taken] = await documents.find(ref.resource, ["uri", normalised]);
  if (taken && taken.resourceId !== id) throw refuse("invalid_target", "The resource exists already");
  const answer = await confirmed(context, {
    stream: streams.resource(id),
    decider: resourceDecider,
    command: (): ResourceCommand => ({
      type: "register",
      resource: {
        resourceId: id,
        uri: normalised,
        name,
        scopes,
        isDefault,
        secrets: [generatedSecret(secret)],
        registeredAt: clock.now(),
      },
    }),
    metadata,
  });
  return { resource: answer, secret };
}

async function change(
  context: Context,
  resourceId: string,
  command: (now: number) => ResourceCommand,
  metadata: EventMetadata,
): Promise<Resource> {
  return await confirmed(context, {
    stream: streams.resource(resourceId),
    decider: resourceDecider,
    command: () => command(context.clock.now()),
    metadata,
  });
}

/** Gives a resource a new introspection secret; the old one stays valid for `overlap` ms. @throws {RefusedError} */
export async function rotateResourceSecret(
  context: Context,
  resourceId: string,
  overlap: number,
  metadata: EventMetadata,
): Promise<{ readonly resource: Resource; readonly secret: string }> {
  const secret = context.secrets.random();
  const resource = await change(
    context,
    resourceId,
    (now) => ({ type: "rotate_secret", secret: generatedSecret(secret), overlap, now }),
    metadata,
  );
  return { resource, secret };
}

/** Disables or enables a resource: its credentials open nothing, no token is issued for it. @throws {RefusedError} */
export const setResourceStatus = (
  context: Context,
  resourceId: string,
  type: "disable" | "enable",
  metadata: EventMetadata,
): Promise<Resource> => change(context, resourceId, (now) => ({ type, now }), metadata);
