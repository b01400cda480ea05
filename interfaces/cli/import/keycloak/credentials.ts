import { z } from "zod";
import type { ImportedSecret } from "../../../../application/commands/import/entry.ts";

const parameters = z.record(z.string(), z.array(z.string())).default({});

/** What Keycloak says of how a password was hashed, itself as JSON in a text. */
const hashing = z.looseObject({
  algorithm: z.string(),
  hashIterations: z.int(),
  additionalParameters: parameters,
});

const hashed = z.looseObject({ value: z.string(), salt: z.string() });

/** One credential of a person (CredentialRepresentation). */
export const credential = z.looseObject({
  type: z.string(),
  /** A password in clear, in files that were written by hand. */
  value: z.string().nullish(),
  temporary: z.boolean().nullish(),
  secretData: z.string().nullish(),
  credentialData: z.string().nullish(),
});

export type Credential = z.output<typeof credential>;

function jsonIn<Read>(schema: z.ZodType<Read>, text: string | null | undefined): Read | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? "")).data;
  } catch {
    return undefined;
  }
}

const digests: Readonly<Record<string, string>> = {
  pbkdf2: "sha1",
  "pbkdf2-sha256": "sha256",
  "pbkdf2-sha512": "sha512",
};

const versions: Readonly<Record<string, number>> = { "1.0": 16, "1.3": 19 };

/** Base64 without padding, as PHC strings have it. */
const bare = (base64: string): string => base64.replaceAll(/[=\s]/g, "");

function argon2Hash(
  { hashIterations, additionalParameters: more }: z.output<typeof hashing>,
  { value, salt }: z.output<typeof hashed>,
): string {
  const first = (name: string, otherwise: string) => more[name]?.[0] ?? otherwise;
  const version = versions[first("version", "1.3")] ?? 0;
  const cost = `m=${first("memory", "")},t=${hashIterations},p=${first("parallelism", "1")}`;
  return `$argon2${first("type", "id")}$v=${version}$${cost}$${bare(salt)}$${bare(value)}`;
}

/**
 * The hash of a password in PHC string form, as its algorithm is named in Keycloak: argon2, pbkdf2 (with SHA-1),
 * pbkdf2-sha256, pbkdf2-sha512; the name of the algorithm where it is another.
 */
function phcOf(how: z.output<typeof hashing>, what: z.output<typeof hashed>): string {
  if (how.algorithm === "argon2") return argon2Hash(how, what);
  if (how.algorithm === "bcrypt") return what.value;
  const digest = digests[how.algorithm];
  if (digest === undefined) return how.algorithm;
  const length = Buffer.from(what.value, "base64").length;
  return `$pbkdf2-${digest}$i=${how.hashIterations},l=${length}$${bare(what.salt)}$${bare(what.value)}`;
}

/** The password that somebody has; undefined where there is none. */
export function passwordOf(credentials: readonly Credential[]): ImportedSecret | undefined {
  const password = credentials.find(({ type }) => type === "password");
  if (!password) return undefined;
  if (password.value) return { kind: "clear", secret: password.value };
  const how = jsonIn(hashing, password.credentialData);
  const what = jsonIn(hashed, password.secretData);
  return { kind: "hash", hash: how && what ? phcOf(how, what) : "unreadable" };
}
