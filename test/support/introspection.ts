import { basic, postForm } from "./requests.ts";
import type { TestServer } from "./server.ts";

/** What a resource server, that of the demo unless another is named, is told of a token. */
export async function introspect(
  { address, introspection }: TestServer,
  token: string,
  { id, secret } = introspection,
): Promise<Record<string, unknown>> {
  const response = await postForm(`${address}/auth/introspect`, { token }, basic(id, secret));
  if (response.status !== 200) throw new Error(`introspection answered ${response.status}`);
  return (await response.json()) as Record<string, unknown>;
}
