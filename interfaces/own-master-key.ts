import type { Log } from "../application/log.ts";
import type { Secrets } from "../application/ports/secrets.ts";
import { streams } from "../application/streams.ts";
import type { SigningKeys } from "../domain/signing-key/signing-key.ts";
import { ConfigurationError } from "../infrastructure/config/load.ts";

/**
 * What was written under another master key cannot be read, and what is written now not by those who have that key.
 * @throws {ConfigurationError}
 */
export async function requireOwnMasterKey(
  log: Pick<Log, "last">,
  secrets: Pick<Secrets, "open">,
): Promise<void> {
  const { event } = await log.last(streams.signingKeys);
  if (!event) return;
  const { active } = (event.data as { readonly keys: SigningKeys }).keys;
  if (secrets.open("signing_key", active.sealedPrivateJwk, active.kid) === undefined)
    throw new ConfigurationError("masterKey: is not the one that the data was written with");
}
