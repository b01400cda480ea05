import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { Tokens } from "../support/code-flow.ts";
import { bearer, type Fields, postForm, sendJson } from "../support/requests.ts";
import { type Deployment, freshSecret, type Registered } from "./deployment.ts";

const url = ({ issuer }: Deployment, path: string): string => `${issuer}${path}`;

/** Sends the server what is no HTTP, and notes what comes back. */
async function noHttp(at: Deployment, bytes: string): Promise<void> {
  const socket = connect(at.port, "127.0.0.1");
  socket.end(bytes);
  at.ledger.output("malformed HTTP", await text(socket));
}

/** Calls tools, with a token that is good, in ways that none of them takes. */
async function misplaceInTools(at: Deployment, accessToken: string, secret: string): Promise<void> {
  const accept = { accept: "application/json, text/event-stream", ...bearer(accessToken) };
  const mcp = (method: string, params: object) =>
    sendJson("POST", url(at, "/mcp"), { jsonrpc: "2.0", id: 1, method, params }, accept);
  const name = freshSecret();
  // The protocol's own package tells whoever called it which tool or argument there is not.
  at.ledger.secret("secret in the place of a name", name, /^POST \/mcp 200$/);
  const answers = await Promise.all([
    mcp(secret, { secret }),
    mcp("tools/call", { name, arguments: { secret } }),
    mcp("tools/call", { name: "import_score", arguments: { score_id: { secret }, [name]: secret } }),
    sendJson("POST", url(at, "/mcp"), { jsonrpc: secret, id: { secret } }, accept),
    fetch(url(at, "/mcp"), {
      method: "POST",
      headers: { "content-type": "application/json", ...accept },
      body: `{"jsonrpc": "2.0", ${secret}`,
    }),
    sendJson("POST", url(at, `/mcp/execute/${secret}`), { secret }, bearer(accessToken)),
    sendJson("POST", url(at, "/mcp/execute/import_score"), { [secret]: secret }, bearer(accessToken)),
  ]);
  await Promise.all(answers.map((answer) => answer.arrayBuffer()));
}

/** Secrets where none belongs: in queries, paths, other headers, other members, other formats, other endpoints. */
export async function misplace(
  at: Deployment,
  client: Registered,
  { form, tokens }: { readonly form: Fields; readonly tokens: Tokens },
): Promise<void> {
  const { client_id, client_secret, registration_access_token } = client;
  const { access_token, refresh_token } = tokens;
  const { password, initialAccessToken } = at;
  const all = {
    ...form,
    access_token,
    refresh_token,
    client_id,
    client_secret,
    password,
    initialAccessToken,
  };
  const query = new URLSearchParams(all as Record<string, string>);
  const paths = [
    "/auth/token",
    "/auth/authorize",
    "/auth/introspect",
    "/mcp",
    "/nowhere",
    "/health",
    "/auth/login",
  ];
  const json = (path: string) => sendJson("POST", url(at, path), all, bearer(registration_access_token));
  const answers = await Promise.all([
    ...paths.map((path) => fetch(url(at, `${path}?${query}`), { redirect: "manual" })),
    ...paths.map((path) =>
      fetch(url(at, path), { headers: { "x-token": refresh_token, ...bearer(refresh_token) } }),
    ),
    ...paths.map((path) => postForm(url(at, path), all, bearer(client_secret))),
    ...[...paths, "/auth/register"].map(json),
    ...[refresh_token, access_token, password].map((secret) => fetch(url(at, `/nowhere/${secret}`))),
    fetch(url(at, `/auth/register/${registration_access_token}`)),
    fetch(url(at, `/auth/register/${client_id}`), { headers: bearer(client_secret) }),
    fetch(url(at, `/%zz/${refresh_token}`)),
    fetch(url(at, "/auth/register"), {
      method: "POST",
      headers: { "content-type": "application/json", ...bearer(initialAccessToken) },
      body: `{"client_secret": "${client_secret}", ${refresh_token}`,
    }),
    fetch(url(at, "/auth/token"), {
      method: "POST",
      headers: { authorization: `Basic ${client_secret}` },
    }),
    fetch(url(at, "/mcp"), { headers: { authorization: `Bearer ${access_token} ${refresh_token}` } }),
    fetch(url(at, "/mcp"), { headers: { cookie: `dacapo_session=${access_token}` } }),
    postForm(url(at, "/auth/token"), {
      ...all,
      grant_type: refresh_token,
      scope: `read ${refresh_token}`,
    }),
    postForm(url(at, "/auth/token"), { ...all, padding: refresh_token.repeat(2_000) }),
  ]);
  await Promise.all(answers.map((answer) => answer.arrayBuffer()));
  await misplaceInTools(at, access_token, refresh_token);
  await noHttp(
    at,
    `GET /auth/token?code=${refresh_token} NOT-HTTP/9.9\r\nAuthorization: ${access_token}\r\n\r\n`,
  );
  await noHttp(at, `POST /auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9${refresh_token}\r\n\r\n`);
}
