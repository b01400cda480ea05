import { demoClient, tokensOf } from "./code-flow.ts";
import { bearer } from "./requests.ts";
import type { TestServer } from "./server.ts";
import { signedIn } from "./signed-in.ts";

/** Asks the admin API, by path behind /admin; a body is sent as JSON. */
export type AskAdmin = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Response>;

/** An administrator's access token. */
export async function adminToken(server: TestServer): Promise<string> {
  const person = await signedIn(server, "admin");
  return (await tokensOf(server, person, demoClient(server), { scope: "read admin" })).access_token;
}

/** The admin API by an administrator's token. */
export async function administer(server: TestServer): Promise<AskAdmin> {
  const token = await adminToken(server);
  return (method, path, body, headers = {}) =>
    fetch(`${server.address}/admin${path}`, {
      method,
      headers: {
        ...bearer(token),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}
