import { z } from "zod";
import type { Entry } from "../../../../application/commands/import/entry.ts";
import type { Scope } from "../../../../domain/oauth/scope.ts";
import { type MappingOptions, readEntry, skipped } from "../format.ts";
import { type Credential, credential, passwordOf } from "./credentials.ts";

/** A list that may be missing. */
const list = <Item>(item: z.ZodType<Item>) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

/** A person (UserRepresentation). */
const keycloakUser = z.looseObject({
  id: z.string().nullish(),
  username: z.string(),
  enabled: z.boolean().default(true),
  serviceAccountClientId: z.string().nullish(),
  federationLink: z.string().nullish(),
  credentials: list(credential),
  requiredActions: list(z.string()),
  realmRoles: list(z.string()),
});

type KeycloakUser = z.output<typeof keycloakUser>;

const uuidForm = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** Our form of a UUID, the same bytes: who knows the one can tell the other. */
export function userIdOf(uuid: string | null | undefined): string | undefined {
  if (!uuid || !uuidForm.test(uuid)) return undefined;
  return `u_${Buffer.from(uuid.replaceAll("-", ""), "hex").toString("base64url")}`;
}

/** The scopes that somebody's roles stand for; undefined where none of them stands for any. */
function scopesOf(realmRoles: readonly string[], { roles }: MappingOptions): Scope | undefined {
  const scopes = realmRoles.flatMap((role) => roles.get(role) ?? []);
  return scopes.length > 0 ? [...new Set(scopes)] : undefined;
}

/** Whether the password is one that was only to be changed, and that others may know. */
const isTemporary = ({ requiredActions, credentials }: KeycloakUser): boolean =>
  requiredActions.includes("UPDATE_PASSWORD") ||
  credentials.some(({ type, temporary }) => type === "password" && temporary === true);

const hasSecondFactor = (credentials: readonly Credential[]): boolean =>
  credentials.some(({ type }) => type !== "password");

function noticesOf(user: KeycloakUser): readonly string[] {
  const others = user.requiredActions.filter((action) => action !== "UPDATE_PASSWORD");
  return [
    ...(isTemporary(user) ? ["the password was to be changed, and is not taken over"] : []),
    ...(user.federationLink ? ["the password is kept by a user federation"] : []),
    ...(hasSecondFactor(user.credentials) ? ["the second factor does not come along"] : []),
    ...(others.length > 0 ? [`required actions are dropped: ${others.join(" ")}`] : []),
  ];
}

/** What becomes of one person of a realm. */
export const keycloakUserEntry = (value: unknown, place: string, options: MappingOptions): Entry =>
  readEntry("user", keycloakUser, value, { id: "username", place }, (user: KeycloakUser) => {
    const { username: id, serviceAccountClientId: client } = user;
    if (client) return skipped("user", id, `no person, but client ${client} itself`);
    return {
      kind: "user",
      id,
      userId: userIdOf(user.id),
      password: isTemporary(user) ? undefined : passwordOf(user.credentials),
      scopes: scopesOf(user.realmRoles, options),
      isDisabled: !user.enabled,
      notices: noticesOf(user),
    };
  });
