import type { Tokens } from "./code-flow.ts";
import { Person, pkcePair } from "./person.ts";
import { basic, postForm } from "./requests.ts";
import type { ServerProcess } from "./server-process.ts";

const redirectUri = "http://localhost:3000/callback";

/** Tokens that a person gives to the demo's client, by the pages. */
export async function tokensOf(
  { issuer, clientId }: ServerProcess,
  username: string,
  password = "password",
  scope?: string,
): Promise<Tokens> {
  const { verifier, challenge } = pkcePair();
  const person = new Person(issuer);
  await person.signIn(username, password);
  const returned = await person.authorize({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...(scope === undefined ? {} : { scope }),
  });
  const response = await postForm(`${issuer}/auth/token`, {
    grant_type: "authorization_code",
    code: returned.get("code"),
    redirect_uri: redirectUri,
    client_id: clientId,
    code_verifier: verifier,
  });
  if (response.status !== 200) throw new Error(`no tokens: ${await response.text()}`);
  return (await response.json()) as Tokens;
}

/** A client asks for an access token of its own. */
export const clientCredentials = (
  { issuer }: ServerProcess,
  id: string,
  secret: string,
  resource: string | null = null,
): Promise<Response> =>
  postForm(`${issuer}/auth/token`, { grant_type: "client_credentials", resource }, basic(id, secret));

/** The access token of such an answer. */
export const accessTokenOf = async (response: Response): Promise<string> =>
  ((await response.json()) as Tokens).access_token;

/** What the protected resource of the demo, or another, is told of a token. */
export async function introspect(
  { issuer, introspection }: ServerProcess,
  token: string,
  { id, secret } = introspection,
): Promise<{ readonly active: boolean; readonly scope?: string }> {
  const response = await postForm(`${issuer}/auth/introspect`, { token }, basic(id, secret));
  if (response.status !== 200) throw new Error(`introspection answered ${response.status}`);
  return (await response.json()) as { active: boolean };
}

/** Whether it is told that the token is good. */
export const isActive = async (...asked: Parameters<typeof introspect>): Promise<boolean> =>
  (await introspect(...asked)).active;
