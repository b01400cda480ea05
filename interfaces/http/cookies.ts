import type { CookieSerializeOptions } from "@fastify/cookie";
import type { Config } from "../../infrastructure/config/schema.ts";

/** The cookies of the pages: who is signed in, which browser a sign-in form was given to, and who used it before. */
export interface Cookies {
  readonly session: string;
  readonly signIn: string;
  readonly known: string;
  readonly options: CookieSerializeOptions;
  /** Whether a navigation that another site began brings none of them (RFC 6265bis §5.6.7.1). */
  readonly areStrict: boolean;
}

/**
 * Secure cookies have the `__Host-` prefix, which binds them to this host (RFC 6265bis §4.1.3); plain names serve on http
 * loopback. Browsers take secure ones from http://localhost too.
 */
export function cookiesOf({
  issuer,
  secureCookie,
  sameSite,
}: Pick<Config, "issuer" | "secureCookie" | "sameSite">): Cookies {
  const secure = secureCookie ?? issuer.startsWith("https:");
  const prefix = secure ? "__Host-" : "";
  return {
    session: `${prefix}dacapo_session`,
    signIn: `${prefix}dacapo_sign_in`,
    known: `${prefix}dacapo_known`,
    options: { path: "/", httpOnly: true, secure, sameSite },
    areStrict: sameSite === "strict",
  };
}
