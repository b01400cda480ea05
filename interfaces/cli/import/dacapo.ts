import { z } from "zod";
import type { Entry, ImportedSecret } from "../../../application/commands/import/entry.ts";
import { clientEntry } from "./client-metadata.ts";
import { type Format, readEntry, refused } from "./format.ts";
import { readLines } from "./read-input.ts";
import { scopesIn } from "./texts.ts";

const texts = z.array(z.string());

const client = z.looseObject({
  client_id: z.string(),
  client_name: z.string().optional(),
  client_secret: z.string().optional(),
  client_secret_hash: z.string().optional(),
  redirect_uris: texts.default([]),
  grant_types: texts.default(["authorization_code"]),
  scope: z.string().default(""),
  token_endpoint_auth_method: z
    .union([z.string().transform((one) => [one]), texts])
    .default(["client_secret_basic"]),
  token_format: z.enum(["jwt", "opaque"]).optional(),
  disabled: z.boolean().default(false),
});

const user = z.looseObject({
  username: z.string(),
  user_id: z.string().optional(),
  password: z.string().optional(),
  password_hash: z.string().optional(),
  scopes: texts.optional(),
  disabled: z.boolean().default(false),
});

const line = z.union(
  [z.strictObject({ client: z.unknown() }), z.strictObject({ user: z.unknown() })],
  "must be { client } or { user }",
);

const userIdForm = /^u_[\w-]{22}$/;

const secretOf = (clear: string | undefined, hash: string | undefined): ImportedSecret | undefined => {
  if (hash !== undefined) return { kind: "hash", hash };
  return clear === undefined ? undefined : { kind: "clear", secret: clear };
};

function clientOf(value: unknown, place: string): Entry {
  return readEntry("client", client, value, { id: "client_id", place }, (read) =>
    clientEntry({
      id: read.client_id,
      name: read.client_name,
      redirectUris: read.redirect_uris,
      authMethods: read.token_endpoint_auth_method,
      grantTypes: read.grant_types,
      scopes: scopesIn(read.scope),
      hasOwnScopes: true,
      more: { ...read, token_endpoint_auth_method: undefined },
      tokenFormat: read.token_format,
      secret: secretOf(read.client_secret, read.client_secret_hash),
      isDisabled: read.disabled,
      notices: [],
    }),
  );
}

function userOf(value: unknown, place: string): Entry {
  return readEntry("user", user, value, { id: "username", place }, (read) => {
    const { username: id, user_id: userId } = read;
    if (userId !== undefined && !userIdForm.test(userId))
      return refused("user", id, "user_id", "must be u_ and 22 characters of base64url");
    return {
      kind: "user",
      id,
      userId,
      password: secretOf(read.password, read.password_hash),
      scopes: read.scopes,
      isDisabled: read.disabled,
      notices: [],
    };
  });
}

/** What one line says. */
export function dacapoEntry(text: string, place: string): Entry {
  const read = line.safeParse(jsonIn(text));
  if (!read.success) return refused("entry", place, "entry", "must be JSON of { client } or { user }");
  return "client" in read.data ? clientOf(read.data.client, place) : userOf(read.data.user, place);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Our own form: one client or user a line, as JSON. */
export const dacapo: Format = async function* (input) {
  for await (const [number, text] of readLines(input)) yield dacapoEntry(text, `line ${number}`);
};
