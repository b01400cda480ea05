/** What the tokens of Dacapo look like. Each names the stream that it lives in, so that no search is needed. */

const id = "([A-Za-z0-9_-]{22})";
const secret = "([A-Za-z0-9_-]{43})";

const codeForm = new RegExp(`^dcc_${id}\\.${secret}$`);
const refreshForm = new RegExp(`^dcr_${id}\\.(\\d{1,9})\\.${secret}$`);
const sessionForm = new RegExp(`^(u_${id})\\.${id}\\.${secret}$`);
/** Whose: a person, or a client, whose id may have been given elsewhere. */
const owner = `(u_${id}|(?!u_)[\\x21-\\x7e]{1,200})`;
const mcpSessionForm = new RegExp(`^dcm_${owner}\\.${id}\\.${secret}$`);
const jtiForm = new RegExp(`^${id}\\.(\\d{1,9})$`);

export interface RefreshTokenParts {
  readonly grantId: string;
  readonly revision: number;
  readonly secret: string;
}

/** An authorization code: grant and secret. */
export const formatCode = (grantId: string, codeSecret: string): string => `dcc_${grantId}.${codeSecret}`;

/** The parts of an authorization code; undefined for all that cannot be one. */
export function parseCode(code: string): { grantId: string; secret: string } | undefined {
  const [, grantId, codeSecret] = codeForm.exec(code) ?? [];
  return grantId && codeSecret ? { grantId, secret: codeSecret } : undefined;
}

/** A refresh token: grant, revision of the event that issued it, secret. */
export const formatRefreshToken = (parts: RefreshTokenParts): string =>
  `dcr_${parts.grantId}.${parts.revision}.${parts.secret}`;

/** The parts of a refresh token; undefined for all that cannot be one. */
export function parseRefreshToken(token: string): RefreshTokenParts | undefined {
  const [, grantId, revision, tokenSecret] = refreshForm.exec(token) ?? [];
  if (!grantId || !revision || !tokenSecret) return undefined;
  return { grantId, revision: Number(revision), secret: tokenSecret };
}

/** What a session cookie holds. */
export const formatSessionToken = (userId: string, sessionId: string, sessionSecret: string): string =>
  `${userId}.${sessionId}.${sessionSecret}`;

/** The parts of a session cookie; undefined for all that cannot be one. */
export function parseSessionToken(
  value: string,
): { userId: string; sessionId: string; secret: string } | undefined {
  const [, userId, , sessionId, sessionSecret] = sessionForm.exec(value) ?? [];
  return userId && sessionId && sessionSecret ? { userId, sessionId, secret: sessionSecret } : undefined;
}

/** The id of an access token: its grant and the revision of the event that issued it. */
export const formatJti = (grantId: string, revision: number): string => `${grantId}.${revision}`;

/** The parts of an access token's id; undefined for all that cannot be one. */
export function parseJti(jti: string): { grantId: string; revision: number } | undefined {
  const [, grantId, revision] = jtiForm.exec(jti) ?? [];
  return grantId && revision ? { grantId, revision: Number(revision) } : undefined;
}

/** The id of an MCP session: whose it is, which one, and what makes it unguessable. */
export const formatMcpSessionId = (ownerId: string, sessionId: string, sessionSecret: string): string =>
  `dcm_${ownerId}.${sessionId}.${sessionSecret}`;

/** The parts of an MCP session's id; undefined for all that cannot be one. */
export function parseMcpSessionId(
  value: string,
): { ownerId: string; sessionId: string; secret: string } | undefined {
  const [, ownerId, , sessionId, sessionSecret] = mcpSessionForm.exec(value) ?? [];
  return ownerId && sessionId && sessionSecret ? { ownerId, sessionId, secret: sessionSecret } : undefined;
}
