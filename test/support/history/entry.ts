import type { TokenRef } from "./token-ref.ts";

export type GrantType = "authorization_code" | "refresh_token" | "client_credentials";

/** Who asked, as which client, from when to when: epoch milliseconds of a clock that never jumps. */
export interface Asked {
  readonly clientId: string;
  readonly started: number;
  readonly ended: number;
  /** The correlation id of the request's events, where the test knows it. */
  readonly requestId: string | null;
}

/** One request and its answer. A status of 0 stands for an answer that never came: nothing is known of the outcome. */
export type Entry = Asked &
  (
    | { readonly kind: "code.issued"; readonly code: TokenRef }
    | {
        readonly kind: "token.issued";
        readonly grantType: GrantType;
        /** The code or refresh token that was handed in. */
        readonly presented: TokenRef | null;
        readonly accessToken: TokenRef;
        readonly refreshToken: TokenRef | null;
      }
    | {
        readonly kind: "token.refused";
        readonly grantType: GrantType;
        readonly presented: TokenRef | null;
        readonly status: number;
        readonly error: string | null;
      }
    | { readonly kind: "revoked"; readonly token: TokenRef; readonly status: number }
    /** An introspection, or a request to a resource of ours; null where the answer was 503 or none. */
    | { readonly kind: "validated"; readonly token: TokenRef; readonly active: boolean | null }
    | { readonly kind: "session.started"; readonly userId: string; readonly sessionId: string }
    /** A sign-out, or the end of a user or client: all that hangs on it must be dead once it was answered 200. */
    | {
        readonly kind: "ended";
        readonly what: "session" | "user" | "client";
        readonly id: string;
        readonly status: number;
      }
  );

/** Whether nothing is known of what such an answer's request did. */
export const isUnknown = (status: number): boolean => status === 0 || status >= 500;
