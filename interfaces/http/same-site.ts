import type { FastifyReply, FastifyRequest } from "fastify";
import type { Cookies } from "./cookies.ts";
import { sendPage } from "./page.ts";
import { throughPage } from "./pages/through.ts";

/** In the query of a page that our own document led to. */
const marker = "through";

const mayComeFromElsewhere = ({ headers }: FastifyRequest): boolean =>
  [undefined, "cross-site"].includes(headers["sec-fetch-site"] as string | undefined);

/**
 * With SameSite=Strict a navigation that another site began brings no cookie, and a redirect does not change who began it
 * (RFC 6265bis §5.2). So where none came, a document of ours begins it again, once: it leads to the query of this same page,
 * and nowhere else.
 */
export const beginHere =
  ({ session }: Cookies) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const query = request.url.split("?").slice(1).join("?");
    // Read as it came: a query that is too long to be parsed must not go round for ever.
    const isOver = new URLSearchParams(query).has(marker);
    if (request.method !== "GET" || isOver || request.cookies[session] || !mayComeFromElsewhere(request))
      return undefined;
    return sendPage(reply, throughPage(`?${[query, `${marker}=1`].filter(Boolean).join("&")}`));
  };
