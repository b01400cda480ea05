import { SignJWT } from "jose";
import { ref } from "../../application/documents.ts";
import type { SigningKey } from "../../domain/signing-key/signing-key.ts";
import { createImportedKeys } from "../../infrastructure/crypto/signing-keys.ts";
import type { TestServer } from "./server.ts";

/** The key that a server signs with now. */
export async function activeKey({ runtime }: TestServer): Promise<SigningKey> {
  const [keys] = await runtime.context.documents.load([ref.signingKeys()]);
  if (!keys) throw new Error("the server has no signing keys");
  return keys.active;
}

/** A JWT that the server's own key signed, whatever it says: what only a fault of ours could make. */
export async function signedByServer(
  server: TestServer,
  claims: Record<string, unknown>,
  header: { readonly typ?: string; readonly kid?: string } = {},
): Promise<string> {
  const key = await activeKey(server);
  const privateKey = await createImportedKeys(server.runtime.context.secrets).privateKey(key);
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: "at+jwt", ...header })
    .sign(privateKey);
}
