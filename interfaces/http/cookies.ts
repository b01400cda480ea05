import type { CookieSerializeOptions } from "@fastify/cookie";

/** The two cookies of the pages: who is signed in, and which browser a sign-in form was given to. */
export interface Cookies {
  readonly session: string;
  readonly signIn: string;
  readonly options: CookieSerializeOptions;
}

/** Under https the `__Host-` prefix binds a cookie to this host (RFC 6265bis §4.1.3); on http loopback plain names serve. */
export function cookiesOf(issuer: string): Cookies {
  const secure = issuer.startsWith("https:");
  const prefix = secure ? "__Host-" : "";
  return {
    session: `${prefix}dacapo_session`,
    signIn: `${prefix}dacapo_sign_in`,
    options: { path: "/", httpOnly: true, secure, sameSite: "lax" },
  };
}
