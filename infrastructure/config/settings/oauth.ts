import { z } from "zod";
import { isScopeToken } from "../../../domain/oauth/scope.ts";
import { isLoopbackHost } from "../../network/addresses.ts";
import { flag, number, oneOf, text } from "../fields.ts";

const scopeTexts: Readonly<Record<string, string>> = {
  read: "See your data",
  write: "Create and change your data",
  admin: "Administer the server",
};

const named = (name: string) => ({ name, description: scopeTexts[name] ?? name });

const described = z.strictObject({ name: z.string(), description: z.string().min(1) });

const takesScopes = "a list of scopes, each by its name or as { name, description }";

const scopes = z
  .union([z.string(), z.array(z.union([z.string(), described]))], `must be ${takesScopes}`)
  .transform((value) =>
    (typeof value === "string" ? value.split(/[\s,]+/).filter((name) => name !== "") : value).map((scope) =>
      typeof scope === "string" ? named(scope) : scope,
    ),
  )
  .refine((all) => all.length > 0, "must name one scope at least")
  .refine(
    (all) => all.every(({ name }) => isScopeToken(name)),
    "each must be a scope token of RFC 6749 section 3.3",
  )
  .meta({ takes: takesScopes });

const takesUrl = "an absolute URL such as https://auth.example.com";

const issuer = z
  .string(`must be ${takesUrl}`)
  .superRefine((value, context) => {
    const url = URL.parse(value);
    const wrong = (message: string) => context.addIssue({ code: "custom", message });
    if (!url) wrong(`must be ${takesUrl}`);
    else if (url.search !== "" || url.hash !== "")
      wrong("must have no query and no fragment (RFC 8414 section 2)");
    else if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopbackHost(url.hostname)))
      wrong("must be https; http is allowed on loopback only");
    else if (value.endsWith("/") || url.username !== "" || url.password !== "")
      wrong("must have no user information and no trailing slash");
  })
  .meta({ takes: takesUrl });

const takesToken = "a bearer token (RFC 6750 section 2.1) of 32 characters at least";

/** OAuth2Config of the guide, and what else is said of tokens and clients. */
export const oauth = {
  issuer: issuer.optional().describe("issuer and base URL; http://localhost:<port> where unset"),
  accessTokenExpireMinutes: number(0.05, 1_440, false).default(15).describe("life of an access token"),
  refreshTokenExpireDays: number(0.0001, 365, false).default(30).describe("life of an unused refresh token"),
  refreshTokenAbsoluteDays: number(0.0001, 3_650, false).default(90).describe("life of a whole token family"),
  codeExpireSeconds: number(1, 600).default(60).describe("life of an authorization code"),
  refreshGraceSeconds: number(0, 60, false)
    .default(10)
    .describe("how long a refresh token whose answer was lost gets the same successor again"),
  requirePkce: flag().default(true).describe("false excuses confidential clients only"),
  allowPublicClients: flag().default(true).describe("whether clients without a secret may act"),
  supportedScopes: scopes.default(Object.keys(scopeTexts).map(named)).describe("the scopes that exist"),
  registration: oneOf("open", "closed")
    .default("closed")
    .describe("dynamic client registration (RFC 7591), open or closed; closed needs a token"),
  clientDocuments: flag()
    .default(true)
    .describe("whether client ids may be URLs of client metadata documents"),
  initialAccessToken: text()
    .regex(/^[A-Za-z0-9._~+/-]{32,}=*$/, `must be ${takesToken}`)
    .meta({ takes: takesToken })
    .optional()
    .describe("opens closed registration, beside an administrator's access token"),
  signingAlgorithm: oneOf("ES256", "EdDSA", "RS256")
    .default("ES256")
    .describe("signature of access tokens: ES256, EdDSA or RS256"),
  signingKeyDays: number(1, 3_650, false).default(30).describe("how long a key signs before it is rotated"),
};
