/** Parameters of a query or form: null leaves one out, a list repeats it. */
export type Fields = Readonly<Record<string, string | readonly string[] | null>>;

/** The fields on the wire. */
export function encode(fields: Fields): URLSearchParams {
  const encoded = new URLSearchParams();
  for (const [name, value] of Object.entries(fields))
    for (const each of value === null ? [] : [value].flat()) encoded.append(name, each);
  return encoded;
}

/** An Authorization header of the scheme Basic, nothing form-encoded, as most clients send it. */
export const basic = (id: string, secret: string): { readonly authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
});

/** An Authorization header of the scheme Bearer. */
export const bearer = (token: string): { readonly authorization: string } => ({
  authorization: `Bearer ${token}`,
});

/** Posts a form; follows nothing. */
export const postForm = (
  url: string,
  fields: Fields,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  fetch(url, { method: "POST", body: encode(fields), headers: { ...headers }, redirect: "manual" });

/** Sends JSON; follows nothing. */
export const sendJson = (
  method: "POST" | "PUT",
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  fetch(url, {
    method,
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
    redirect: "manual",
  });
