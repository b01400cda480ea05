import { parseSessionToken } from "../../domain/oauth/token-forms.ts";
import type { Asked, Entry, GrantType } from "./history/entry.ts";
import { tokenRef } from "./history/token-ref.ts";

export { checkHistory } from "./history/check.ts";

/** What of a token response (RFC 6749 §5) the history keeps. */
export interface TokenAnswer {
  readonly access_token?: string | undefined;
  readonly refresh_token?: string | undefined;
  readonly error?: string | undefined;
}

/** Omits from each member of the union what `begin` knows already. */
type Answered<E = Entry> = E extends Entry ? Omit<E, keyof Asked> : never;

/** A request under way. Call one method, once, as soon as it was answered. */
export class Call {
  readonly #record: (answered: Answered, requestId: string | null) => void;
  #requestId: string | null = null;

  constructor(record: (answered: Answered, requestId: string | null) => void) {
    this.#record = record;
  }

  /** Names the correlation id that the request's events carry. */
  as(requestId: string): this {
    this.#requestId = requestId;
    return this;
  }

  code(code: string): void {
    this.#record({ kind: "code.issued", code: tokenRef(code) }, this.#requestId);
  }

  /** An answer of the token endpoint; `presented` is the code or refresh token that was handed in. */
  token(grantType: GrantType, presented: string | null, status: number, answer: TokenAnswer): void {
    const { access_token, refresh_token, error } = answer;
    const asked = { grantType, presented: presented === null ? null : tokenRef(presented) };
    if (status !== 200 || access_token === undefined) {
      this.#record({ kind: "token.refused", ...asked, status, error: error ?? null }, this.#requestId);
      return;
    }
    const refreshToken = refresh_token === undefined ? null : tokenRef(refresh_token);
    this.#record(
      { kind: "token.issued", ...asked, accessToken: tokenRef(access_token), refreshToken },
      this.#requestId,
    );
  }

  revoke(token: string, status: number): void {
    this.#record({ kind: "revoked", token: tokenRef(token), status }, this.#requestId);
  }

  introspect(token: string, status: number, active: boolean): void {
    const known = status === 200 ? active : null;
    this.#record({ kind: "validated", token: tokenRef(token), active: known }, this.#requestId);
  }

  /** A request to the MCP server or the admin API: 401 says that the token is dead, 403 and success that it lives. */
  resource(token: string, status: number): void {
    const lives = status === 403 || (status >= 200 && status < 300);
    const active = lives || (status === 401 ? false : null);
    this.#record({ kind: "validated", token: tokenRef(token), active }, this.#requestId);
  }

  /** A sign-in that was answered with this session cookie. @throws where it is none */
  signIn(cookie: string): void {
    const session = parseSessionToken(cookie);
    if (!session) throw new Error("this is no session cookie");
    const { userId, sessionId } = session;
    this.#record({ kind: "session.started", userId, sessionId }, this.#requestId);
  }

  ended(what: "session" | "user" | "client", id: string, status: number): void {
    this.#record({ kind: "ended", what, id, status }, this.#requestId);
  }
}

/**
 * What every client of a test asked and was answered. It must be complete: a request that was sent and is not in here
 * makes its events look unexplained.
 */
export class History {
  readonly entries: Entry[] = [];
  readonly #now: () => number;

  constructor(now: () => number = () => performance.timeOrigin + performance.now()) {
    this.#now = now;
  }

  /** Call it right before the request is sent, as which client. */
  begin(clientId: string): Call {
    const started = this.#now();
    return new Call((answered, requestId) => {
      this.entries.push({ clientId, started, ended: this.#now(), requestId, ...answered } as Entry);
    });
  }
}
