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

async function authorizeFamily({ url, client }: Deployment, person: Person): Promise<Tokens> {
  const { verifier, challenge } = pkcePair();
  const returned = await person.authorize({
    response_type: "code",
    client_id: client.id,
    redirect_uri: redirectUri,
    scope: "read write",
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  return await post(`${url}/auth/token`, client, {
    grant_type: "authorization_code",
    code: returned.get("code") ?? "",
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
}

/** That many token families, evenly of all users, by the code flow. */
export async function authorizeFamilies(deployment: Deployment, count: number): Promise<readonly Tokens[]> {
  const families = users.map(async (name) => {
    const person = new Person(deployment.url);
    await person.signIn(name, password);
    const own: Tokens[] = [];
    while (own.length < count / users.length) own.push(await authorizeFamily(deployment, person));
    return own;
  });
  return (await Promise.all(families)).flat();
}
