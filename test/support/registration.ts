import { expect } from "vitest";
import type { FlowClient } from "./code-flow.ts";
import { sendJson } from "./requests.ts";
import type { TestServer } from "./server.ts";

/** A client information response (RFC 7591 §3.2.1, RFC 7592 §3). */
export interface Registered {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly client_id_issued_at: number;
  readonly client_secret_expires_at?: number;
  readonly registration_access_token: string;
}

/** What a client must say of itself at least. */
export const clientMetadata = { client_name: "Score reader", redirect_uris: ["https://reader.example/cb"] };

/** A client that registers itself. */
export async function register({ address }: TestServer, changes: object = {}): Promise<Registered> {
  const response = await sendJson("POST", `${address}/auth/register`, { ...clientMetadata, ...changes });
  expect(response.status).toBe(201);
  expect(response.headers.get("cache-control")).toBe("no-store");
  return (await response.json()) as Registered;
}

export const selfRegisteredClient = ({ client_id, client_secret }: Registered): FlowClient => ({
  id: client_id,
  secret: client_secret ?? null,
  redirectUri: "https://reader.example/cb",
});
