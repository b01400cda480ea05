import type { FastifyRequest } from "fastify";
import type { SignedIn } from "../../application/commands/authorize.ts";
import { resumeSession } from "../../application/commands/sign-in.ts";
import type { Context } from "../../application/context.ts";
import { constantTimeEqual } from "../../domain/oauth/hash.ts";
import type { Cookies } from "./cookies.ts";
import { metadataOf, originOf } from "./request-metadata.ts";

/** Who a browser is signed in as, and the tokens that bind forms to it. */
export interface BrowserSessions {
  readonly cookies: Cookies;
  signedInBy(request: FastifyRequest): Promise<SignedIn | undefined>;
  /** The token of one form: a MAC of what the form is bound to. */
  csrfToken(form: string): string;
  isCsrfToken(token: string | undefined, form: string): boolean;
}

/** Builds it over the session cookie. */
export function createBrowserSessions(context: Context, cookies: Cookies): BrowserSessions {
  const { secrets } = context;
  const csrfToken = (form: string): string => secrets.mac("csrf", form).value;
  return {
    cookies,
    csrfToken,
    isCsrfToken: (token, form) =>
      token !== undefined && secrets.macs("csrf", form).some(({ value }) => constantTimeEqual(value, token)),
    async signedInBy(request) {
      const cookie = request.cookies[cookies.session];
      return cookie === undefined
        ? undefined
        : await resumeSession(context, cookie, originOf(request), metadataOf(request, "session"));
    },
  };
}
