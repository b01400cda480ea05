import { Person, pkcePair } from "../test/support/person.ts";
import { type Deployment, password, redirectUri, users } from "./deployment.ts";

type Tokens = Readonly<Record<string, string>>;

/** A form post with Basic credentials; the answer must be JSON of status 200. */
export async function post<Answer = Tokens>(
  url: string,
  { id, secret }: { readonly id: string; readonly secret: string },
  form: Record<string, string>,
): Promise<Answer> {
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization },
    body: new URLSearchParams(form),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** A person who has consented is not asked again: the redirect is https, and the client has a secret. */
async function authorizeCode({ client }: Deployment, person: Person, challenge: string): Promise<string> {
  const returned = await person.authorize({
    response_type: "code",
    client_id: client.id,
    redirect_uri: redirectUri,
    scope: "read write",
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  return returned.get("code") ?? "";
}

/** Has each user do something so often that it was done `count` times in all. */
async function byAllUsers<T>(
  { url }: Deployment,
  count: number,
  work: (person: Person) => Promise<T>,
): Promise<readonly T[]> {
  const done = users.map(async (name) => {
    const person = new Person(url);
    await person.signIn(name, password);
    const own: T[] = [];
    while (own.length < count / users.length) own.push(await work(person));
    return own;
  });
  return (await Promise.all(done)).flat();
}

/** That many authorization codes for this PKCE challenge, evenly of all users. */
export const authorizeCodes = (
  deployment: Deployment,
  count: number,
  challenge: string,
): Promise<readonly string[]> =>
  byAllUsers(deployment, count, (person) => authorizeCode(deployment, person, challenge));

/** That many token families, evenly of all users, by the code flow. */
export const authorizeFamilies = (deployment: Deployment, count: number): Promise<readonly Tokens[]> =>
  byAllUsers(deployment, count, async (person) => {
    const { verifier, challenge } = pkcePair();
    return await post(`${deployment.url}/auth/token`, deployment.client, {
      grant_type: "authorization_code",
      code: await authorizeCode(deployment, person, challenge),
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
  });
