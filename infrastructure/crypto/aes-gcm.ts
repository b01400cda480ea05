import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const ivLength = 12;
const tagLength = 16;

/** Encrypts under a 256-bit key: base64url of a random IV, the ciphertext and the tag. */
export function encrypt(key: Buffer, plaintext: string, context: string): string {
  const iv = randomBytes(ivLength);
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagLength });
  cipher.setAAD(Buffer.from(context));
  return Buffer.concat([iv, cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]).toString(
    "base64url",
  );
}

/** The plaintext; undefined where this was not encrypted under this key and context. */
export function decrypt(key: Buffer, encrypted: string, context: string): string | undefined {
  const bytes = Buffer.from(encrypted, "base64url");
  if (bytes.length < ivLength + tagLength) return undefined;
  // Decoding forgives stray characters; one value must have one spelling.
  if (bytes.toString("base64url") !== encrypted) return undefined;
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivLength), {
    authTagLength: tagLength,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(-tagLength));
  try {
    const plaintext = decipher.update(bytes.subarray(ivLength, -tagLength));
    return Buffer.concat([plaintext, decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
