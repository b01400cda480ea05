import type { RegisteredClient } from "../../application/commands/register-client.ts";
import { type Person, pkcePair } from "./person.ts";
import { encode, type Fields, postForm } from "./requests.ts";
import type { TestServer } from "./server.ts";

/** A client as its own developer knows it. */
export interface FlowClient {
  readonly id: string;
  readonly secret: string | null;
  readonly redirectUri: string;
}

/** An authorization code and the verifier that opens it. */
export interface Code {
  readonly code: string;
  readonly verifier: string;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly scope: string;
}

/** The public client of the demo. */
export const demoClient = ({ demo }: TestServer): FlowClient => ({
  id: demo.clientId,
  secret: null,
  redirectUri: "http://localhost:3000/callback",
});

export const flowClient = ({ client, secret }: RegisteredClient): FlowClient => ({
  id: client.clientId,
  secret,
  redirectUri: client.redirectUris[0] ?? "",
});

/** Any S256 challenge; RFC 7636 Appendix B has it. */
export const someChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/** An authorization request that lacks nothing, with these changes. */
export const authorizationRequest = (client: FlowClient, changes: Fields = {}): Fields => ({
  response_type: "code",
  client_id: client.id,
  redirect_uri: client.redirectUri,
  scope: "read write",
  state: "xyz",
  code_challenge: someChallenge,
  code_challenge_method: "S256",
  ...changes,
});

/** The path and query of such a request. */
export const authorizePath = (client: FlowClient, changes: Fields = {}): string =>
  `/auth/authorize?${encode(authorizationRequest(client, changes))}`;

/** How a client authenticates in a form. */
export const credentialsOf = ({ id, secret }: FlowClient): Fields => ({
  client_id: id,
  client_secret: secret,
});

/** The answer to an authorization request of a person who is signed in and approves where asked. */
export async function approve(
  person: Person,
  client: FlowClient,
  changes: Fields = {},
): Promise<URLSearchParams> {
  let response = await person.open(authorizePath(client, changes));
  if (response.status === 200) response = await person.decide(await response.text());
  const location = response.headers.get("location") ?? "";
  if (!location.startsWith(client.redirectUri))
    throw new Error(`not sent back to the client but ${response.status} ${location}`);
  return new URL(location).searchParams;
}

/** A code of a person who is signed in and approves. */
export async function codeOf(person: Person, client: FlowClient, changes: Fields = {}): Promise<Code> {
  const { verifier, challenge } = pkcePair();
  const answer = await approve(person, client, { code_challenge: challenge, ...changes });
  const code = answer.get("code");
  if (code === null) throw new Error(`no code but ${answer}`);
  return { code, verifier };
}

/** A token request that lacks nothing, with these changes. */
export const codeForm = (client: FlowClient, { code, verifier }: Code, changes: Fields = {}): Fields => ({
  grant_type: "authorization_code",
  code,
  redirect_uri: client.redirectUri,
  code_verifier: verifier,
  ...credentialsOf(client),
  ...changes,
});

/** A refresh request that lacks nothing, with these changes. */
export const refreshForm = (client: FlowClient, refreshToken: string, changes: Fields = {}): Fields => ({
  grant_type: "refresh_token",
  refresh_token: refreshToken,
  ...credentialsOf(client),
  ...changes,
});

/** Posts to the token endpoint. */
export const requestToken = ({ address }: Pick<TestServer, "address">, form: Fields): Promise<Response> =>
  postForm(`${address}/auth/token`, form);

/** The tokens that a form gets; throws where it gets none. */
export async function tokensBy(server: Pick<TestServer, "address">, form: Fields): Promise<Tokens> {
  const response = await requestToken(server, form);
  if (response.status !== 200) throw new Error(`no tokens but ${response.status}: ${await response.text()}`);
  return (await response.json()) as Tokens;
}

/** Tokens of a person who is signed in and approves. */
export const tokensOf = async (
  server: Pick<TestServer, "address">,
  person: Person,
  client: FlowClient,
  changes: Fields = {},
): Promise<Tokens> => tokensBy(server, codeForm(client, await codeOf(person, client, changes)));
