import { parseSessionToken } from "../../domain/oauth/token-forms.ts";
import type { GrantType } from "../support/history/entry.ts";
import type { History, TokenAnswer } from "../support/history.ts";
import { fieldOf, Person, pkcePair } from "../support/person.ts";

/** What the clients of a run know of the server. */
export interface Target {
  readonly issuer: string;
  readonly clientId: string;
  readonly introspection: { readonly id: string; readonly secret: string };
  /** How long (ms) an answer may take; what takes longer counts as one that never came. */
  readonly timeout?: number;
}

/** Is told of each answer: what was asked, its status (0 for none) and how many milliseconds it took. */
export type Told = (kind: string, status: number, milliseconds: number) => void;

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

interface Answer {
  readonly status: number;
  readonly requestId: string;
  readonly body: TokenAnswer & { readonly active?: boolean };
}

const kinds: Readonly<Record<GrantType, string>> = {
  authorization_code: "code",
  refresh_token: "refresh",
  client_credentials: "client",
};

const redirectUri = "http://localhost:3000/callback";

/** Clients that write down what they asked and were answered; an answer that never came has status 0. */
export class Driver {
  readonly #target: Target;
  readonly #history: History;
  readonly #told: Told;

  constructor(target: Target, history: History, told: Told = () => undefined) {
    this.#target = target;
    this.#history = history;
    this.#told = told;
  }

  async #post(
    kind: string,
    path: string,
    form: Record<string, string>,
    basic?: { id: string; secret: string },
  ): Promise<Answer> {
    const started = performance.now();
    const answer = await this.#tryToPost(path, form, basic);
    this.#told(kind, answer.status, performance.now() - started);
    return answer;
  }

  async #tryToPost(
    path: string,
    form: Record<string, string>,
    basic?: { id: string; secret: string },
  ): Promise<Answer> {
    const { timeout } = this.#target;
    const credentials = basic && Buffer.from(`${basic.id}:${basic.secret}`).toString("base64");
    try {
      const response = await fetch(`${this.#target.issuer}${path}`, {
        method: "POST",
        body: new URLSearchParams(form),
        headers: credentials === undefined ? {} : { authorization: `Basic ${credentials}` },
        ...(timeout === undefined ? {} : { signal: AbortSignal.timeout(timeout) }),
      });
      const text = await response.text();
      const requestId = response.headers.get("x-request-id") ?? "";
      return { status: response.status, requestId, body: text === "" ? {} : JSON.parse(text) };
    } catch {
      return { status: 0, requestId: "", body: {} };
    }
  }

  async #token(
    grantType: GrantType,
    presented: string | null,
    form: Record<string, string>,
    client: string | { id: string; secret: string } = this.#target.clientId,
  ): Promise<Answer> {
    const [clientId, basic] = typeof client === "string" ? [client, undefined] : [client.id, client];
    const call = this.#history.begin(clientId);
    const identified = basic ? form : { ...form, client_id: clientId };
    const answer = await this.#post(
      kinds[grantType],
      "/auth/token",
      { grant_type: grantType, ...identified },
      basic,
    );
    call.as(answer.requestId).token(grantType, presented, answer.status, answer.body);
    return answer;
  }

  /** Signs a person in; later sign-ins of the same user are other browsers. */
  async signIn(username: string): Promise<Person> {
    const person = new Person(this.#target.issuer, this.#target.timeout);
    const call = this.#history.begin(this.#target.clientId);
    await person.signIn(username);
    call.signIn(person.cookies.get("dacapo_session") ?? "");
    return person;
  }

  /** Signs out; undefined where that was not even asked for. */
  async signOut(person: Person): Promise<number | undefined> {
    const session = parseSessionToken(person.cookies.get("dacapo_session") ?? "");
    const page = await (await person.open("/auth/logout")).text();
    const csrf = fieldOf(page, "csrf");
    if (!session || csrf === "") return undefined;
    const call = this.#history.begin(this.#target.clientId);
    const response = await person.open("/auth/logout", { csrf }).catch(() => undefined);
    call.ended("session", session.sessionId, response?.status ?? 0);
    return response?.status ?? 0;
  }

  /** A code for a person who is signed in, and the verifier that belongs to it. */
  async code(person: Person): Promise<{ code: string; verifier: string }> {
    const { verifier, challenge } = pkcePair();
    const call = this.#history.begin(this.#target.clientId);
    const returned = await person.authorize({
      response_type: "code",
      client_id: this.#target.clientId,
      redirect_uri: redirectUri,
      scope: "read write",
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    const code = returned.get("code");
    if (code === null) throw new Error(`no code but ${returned}`);
    call.code(code);
    return { code, verifier };
  }

  redeem({ code, verifier }: { code: string; verifier: string }): Promise<Answer> {
    return this.#token("authorization_code", code, {
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    });
  }

  refresh(refreshToken: string): Promise<Answer> {
    return this.#token("refresh_token", refreshToken, { refresh_token: refreshToken });
  }

  clientCredentials(client: { id: string; secret: string }): Promise<Answer> {
    return this.#token("client_credentials", null, {}, client);
  }

  /** Revokes a token of the public client, or of one with a secret. */
  async revoke(token: string, basic?: { id: string; secret: string }): Promise<number> {
    const clientId = basic?.id ?? this.#target.clientId;
    const call = this.#history.begin(clientId);
    const form = basic ? { token } : { token, client_id: clientId };
    const { status, requestId } = await this.#post("revoke", "/auth/revoke", form, basic);
    call.as(requestId).revoke(token, status);
    return status;
  }

  /** Undefined where there was no answer to believe. */
  async introspect(token: string): Promise<boolean | undefined> {
    const call = this.#history.begin(this.#target.introspection.id);
    const { status, requestId, body } = await this.#post(
      "introspect",
      "/auth/introspect",
      { token },
      this.#target.introspection,
    );
    call.as(requestId).introspect(token, status, body.active === true);
    return status === 200 ? body.active === true : undefined;
  }

  /** A whole sign-in of a client: code and tokens. */
  async tokens(person: Person): Promise<Tokens> {
    return tokensOf(await this.redeem(await this.code(person)));
  }
}

/** The tokens of an answer. @throws where it holds none */
export function tokensOf({ status, body }: Answer): Tokens {
  const { access_token: accessToken, refresh_token: refreshToken } = body;
  if (accessToken === undefined || refreshToken === undefined) throw new Error(`no tokens but ${status}`);
  return { accessToken, refreshToken };
}
