import type { SigningKeyEvent, SigningKeys } from "../../domain/signing-key/signing-key.ts";
import { projection, type Write } from "./projection.ts";

/** There is one ring of signing keys a deployment. */
export const signingKeysId = "ring";

const put = ({ keys }: { keys: SigningKeys }): Write => ({ id: signingKeysId, document: keys });

export const signingKeys = projection<SigningKeyEvent>("signing_keys", 1, {
  "signing_keys.created": put,
  "signing_keys.rotated": put,
  "signing_keys.removed": put,
  "signing_keys.replaced": put,
});
