import type { FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../../../application/context.ts";

/** Entries of one page, and after which id the next one begins; null where there is none. */
export interface Page<T> {
  readonly entries: readonly T[];
  readonly next: string | null;
}

/**
 * One page of a list that is ordered by id: who comes or goes meanwhile shifts no page.
 * @param list answers at most so many after an id
 */
export async function pageOf<T>(
  { after = "", limit }: { readonly after?: string | undefined; readonly limit: number },
  list: (query: { readonly after: string; readonly limit: number }) => Promise<readonly T[]>,
  idOf: (entry: T) => string,
): Promise<Page<T>> {
  // One more than is shown tells whether there are more.
  const found = await list({ after, limit: limit + 1 });
  const entries = found.slice(0, limit);
  const last = entries.at(-1);
  return { entries, next: found.length > limit && last !== undefined ? idOf(last) : null };
}

/** Says in a Link header where the next page is (RFC 8288), which may be asked for as the body says it too. */
export function linkNext(
  { policy }: Pick<Context, "policy">,
  request: FastifyRequest,
  reply: FastifyReply,
  next: string | null,
): void {
  if (next === null) return;
  const [path, query = ""] = request.url.split("?");
  const parameters = new URLSearchParams(query);
  parameters.set("after", next);
  reply.header("link", `<${policy.issuer}${path}?${parameters}>; rel="next"`);
}
