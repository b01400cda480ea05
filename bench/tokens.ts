import { Person, pkcePair } from "../test/support/person.ts";
import { type Deployment, redirectUri, user } from "./deployment.ts";

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

/** Signs the user in once and gets that many token families by the code flow. */
export async function authorizeFamilies(
  { url, client }: Deployment,
  count: number,
): Promise<readonly Tokens[]> {
  const person = new Person(url);
  await person.signIn(user.name, user.password);
  const families: Tokens[] = [];
  while (families.length < count) {
    const { verifier, challenge } = pkcePair();
    const returned = await person.authorize({
      response_type: "code",
      client_id: client.id,
      redirect_uri: redirectUri,
      scope: "read write",
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    const form = {
      grant_type: "authorization_code",
      code: returned.get("code") ?? "",
      redirect_uri: redirectUri,
      code_verifier: verifier,
    };
    families.push(await post(`${url}/auth/token`, client, form));
  }
  return families;
}
