import type { ImportedSecret } from "../../../application/commands/import/entry.ts";

/** A secret that may be a hash already, as a column of a database holds it: told by its form. */
export function secretOrHash(text: string | undefined): ImportedSecret | undefined {
  if (text === undefined || text === "") return undefined;
  return /^\$(?:argon2|pbkdf2|2[abxy]?\$|scrypt)/.test(text)
    ? { kind: "hash", hash: text }
    : { kind: "clear", secret: text };
}
