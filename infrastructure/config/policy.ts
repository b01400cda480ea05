import type { Policy } from "../../application/policy.ts";
import { sha256 } from "../../domain/oauth/hash.ts";
import type { Config } from "./schema.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Settings may be fractions of their unit; times are whole milliseconds. */
const milliseconds = (value: number, unit: number): number => Math.round(value * unit);

/** How long a signing key is published before it signs; the JWKS may be cached for less. */
const publishKeysFor = 10 * minute;

/** What the configuration means for the use cases. */
export const policyOf = (config: Config): Policy => ({
  issuer: config.issuer,
  scopes: config.supportedScopes,
  requirePkce: config.requirePkce,
  allowPublicClients: config.allowPublicClients,
  registration: config.registration,
  initialAccessTokenHash: config.initialAccessToken === undefined ? null : sha256(config.initialAccessToken),
  grants: {
    accessTokenLifetime: milliseconds(config.accessTokenExpireMinutes, minute),
    refreshTokenLifetime: milliseconds(config.refreshTokenExpireDays, day),
    grantLifetime: milliseconds(config.refreshTokenAbsoluteDays, day),
    codeLifetime: milliseconds(config.codeExpireSeconds, second),
    graceWindow: milliseconds(config.refreshGraceSeconds, second),
    maxRepeats: 64,
  },
  sessions: {
    ttl: milliseconds(config.sessionTtlMinutes, minute),
    sliding: config.enableSlidingExpiration,
    maxPerUser: config.maxSessionsPerUser,
    absoluteLifetime: milliseconds(config.sessionAbsoluteHours, hour),
    rememberedLifetime: milliseconds(config.rememberMeDays, day),
    bindTokens: config.bindTokens,
    requireBearer: config.requireBearer,
  },
  signing: {
    algorithm: config.signingAlgorithm,
    rotateEvery: milliseconds(config.signingKeyDays, day),
    publishFor: publishKeysFor,
  },
  retention: {
    grants: config.retentionGrantDays === 0 ? null : milliseconds(config.retentionGrantDays, day),
  },
  visibilityLimit: milliseconds(config.visibilityTimeoutSeconds, second),
  issuanceVisibilityLimit: 250,
});
