import type { FastifyReply, FastifyRequest } from "fastify";
import type { Secrets } from "../../application/ports/secrets.ts";
import { constantTimeEqual } from "../../domain/oauth/hash.ts";
import type { Cookies } from "./cookies.ts";

/** Browsers in which an account was signed in to before: guesses from elsewhere do not stop them. */
export interface KnownBrowsers {
  /** With whom an attempt is counted: all strangers to the account, or this browser alone. */
  crowdOf(request: FastifyRequest, account: string): string;
  /** Marks the browser as one in which this account was signed in to. */
  remember(reply: FastifyReply, account: string): FastifyReply;
}

/** Seconds; as long as browsers keep a cookie (RFC 6265bis §5.5). */
const lifetime = 400 * 24 * 3_600;

/** Builds it over a cookie that says nothing: a random number and its MAC with the account, for whoever knows the account. */
export function createKnownBrowsers(secrets: Secrets, { known, options }: Cookies): KnownBrowsers {
  const message = (account: string, browser: string): string => `${browser} ${account}`;
  return {
    crowdOf(request, account) {
      const [browser = "", mac = ""] = request.cookies[known]?.split(".") ?? [];
      const isKnown =
        mac !== "" &&
        secrets
          .macs("known_browser", message(account, browser))
          .some(({ value }) => constantTimeEqual(value, mac));
      return isKnown ? message(account, browser) : account;
    },
    remember(reply, account) {
      const browser = secrets.random();
      const { value } = secrets.mac("known_browser", message(account, browser));
      return reply.setCookie(known, `${browser}.${value}`, { ...options, maxAge: lifetime });
    },
  };
}
