import { flag, number, oneOf } from "../fields.ts";

/** SessionConfig of the guide, and what else is said of sessions. */
export const session = {
  sessionTtlMinutes: number(0.05, 43_200, false).default(30).describe("life of a session that is not used"),
  enableSlidingExpiration: flag().default(true).describe("whether use prolongs a session"),
  sessionAbsoluteHours: number(0.01, 8_760, false).default(24).describe("life of a session at most"),
  rememberMeDays: number(0.01, 365, false).default(30).describe("life of a session with remember me"),
  maxSessionsPerUser: number(1, 100).default(5).describe("sessions of each kind; the oldest is ended"),
  bindTokens: flag().default(true).describe("whether a session ended on purpose ends its tokens"),
  requireBearer: flag()
    .default(true)
    .describe("whether calls in an MCP session need the bearer token too; off in the demo"),
  secureCookie: flag()
    .optional()
    .describe("whether cookies are sent over https only; where unset, as the issuer's scheme says"),
  sameSite: oneOf("lax", "strict")
    .default("lax")
    .describe("which requests from other sites carry the session cookie: lax, or strict for none"),
};
