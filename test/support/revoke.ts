import { postForm } from "./requests.ts";
import type { TestServer } from "./server.ts";

/** Revokes a token of the demo's client (RFC 7009). */
export async function revokeToken({ address, demo }: TestServer, token: string): Promise<void> {
  const response = await postForm(`${address}/auth/revoke`, { token, client_id: demo.clientId });
  if (response.status !== 200) throw new Error(`not revoked but ${response.status}`);
}
