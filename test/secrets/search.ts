/** Something that must not be readable anywhere. */
export interface Secret {
  readonly name: string;
  readonly value: string | Buffer;
}

/** Bytes that a run left behind or sent out, and what they are. */
export interface Place {
  readonly name: string;
  readonly bytes: Buffer;
}

const percentEncoded = (bytes: Buffer): string =>
  [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");

/** What stays the same of a text's base64 wherever it begins in what is encoded: the ends depend on the neighbours. */
function base64Cores(bytes: Buffer, encoding: "base64" | "base64url"): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString(encoding)
      .replace(/=+$/, "");
    return encoded.slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + bytes.length) * 4) / 3));
  });
}

/**
 * How a secret may stand somewhere and still be read by whoever finds it: as it is, percent-encoded as a query or a form
 * does it or byte by byte, in a JSON string, as UTF-16, as hex, and as base64 or base64url, alone or within a longer text;
 * and as the bytes that it stands for where it is base64url itself.
 */
export function formsOf({ value }: Secret): readonly Buffer[] {
  const bytes = Buffer.from(value as string);
  const hex = bytes.toString("hex");
  const texts = [
    hex,
    hex.toUpperCase(),
    percentEncoded(bytes),
    percentEncoded(bytes).toUpperCase(),
    ...base64Cores(bytes, "base64"),
    ...base64Cores(bytes, "base64url"),
  ];
  if (typeof value === "string")
    texts.push(
      encodeURIComponent(value),
      String(new URLSearchParams({ x: value })).slice(2),
      JSON.stringify(value).slice(1, -1),
    );
  const encoded = [...new Set(texts)].map((text) => Buffer.from(text));
  if (typeof value !== "string") return [bytes, ...encoded];
  return [bytes, ...encoded, Buffer.from(value, "utf16le"), ...decoded(value)];
}

/** The bytes of a base64url text; only where they are too many to be met by chance. */
function decoded(value: string): readonly Buffer[] {
  const bytes = Buffer.from(value, "base64url");
  return bytes.length >= 12 && bytes.toString("base64url") === value ? [bytes] : [];
}

/** Which secrets stand in which places: `name of the secret in name of the place`. */
export function leaksOf(secrets: readonly Secret[], places: readonly Place[]): readonly string[] {
  return secrets.flatMap((secret) => {
    const forms = formsOf(secret);
    return places
      .filter(({ bytes }) => forms.some((form) => bytes.includes(form)))
      .map((place) => `${secret.name} in ${place.name}`);
  });
}
