import { z } from "zod";
import { type StoredSecret, usableSecrets } from "../../../domain/oauth/secret.ts";
import { iso } from "../../audit/facts.ts";

const day = 86_400;

/** How long a secret that is replaced stays valid, in seconds. */
export const overlapSeconds = z
  .int()
  .min(0)
  .max(365 * day)
  .default(day)
  .describe("How long the old secret stays valid, in seconds: a day where absent, 0 for not at all");

/** The secrets that open now, without what could open by them. */
export const openSecrets = (secrets: readonly StoredSecret[], now: number) =>
  usableSecrets(secrets, now).map(({ validUntil }) => ({ expires_at: iso(validUntil) }));

/** When the secret that was replaced just now opens nothing more; null where that is so already. */
export const oldSecretExpiry = (secrets: readonly StoredSecret[]): string | null =>
  iso(secrets.find(({ validUntil }) => validUntil !== null)?.validUntil ?? null);
