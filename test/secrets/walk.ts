import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect } from "vitest";
import {
  parseCode,
  parseMcpSessionId,
  parseRefreshToken,
  parseSessionToken,
} from "../../domain/oauth/token-forms.ts";
import type { Tokens } from "../support/code-flow.ts";
import { fieldOf, Person, pkcePair } from "../support/person.ts";
import { basic, bearer, type Fields, postForm, sendJson } from "../support/requests.ts";
import { type Deployment, freshSecret, type Registered } from "./deployment.ts";
import { misplace } from "./misplace.ts";

/** Where a browser is shown what is its own: the form's token, the name that was typed. */
export const pages = /^(?:GET|POST) \/auth\/(?:login|logout|authorize|consent) /;
const redirectUri = "https://reader.example/callback";

/** Does what clients, people and strangers do, and notes each secret as soon as it is handed out. */
export class Walk {
  readonly #at: Deployment;
  readonly #person: Person;
  constructor(deployment: Deployment) {
    this.#at = deployment;
    this.#person = new Person(deployment.issuer);
  }

  #url = (path: string): string => `${this.#at.issuer}${path}`;

  #note(name: string, value: string | undefined, meantFor?: RegExp): void {
    this.#at.ledger.secret(name, value, meantFor);
  }

  async #csrfOf(page: Response): Promise<string> {
    const html = await page.text();
    this.#note("CSRF token", fieldOf(html, "csrf"), pages);
    return html;
  }

  async #tokensOf(response: Response): Promise<Tokens> {
    const answer = await response.text();
    expect(response.status, answer).toBe(200);
    return JSON.parse(answer);
  }

  #noteTokens({ access_token, refresh_token }: Tokens): void {
    this.#note("access token", access_token);
    if (access_token.includes(".") && !access_token.startsWith("dca_"))
      this.#note("signature of an access token", access_token.split(".")[2]);
    if (refresh_token === undefined) return;
    this.#note("refresh token", refresh_token);
    this.#note("secret of a refresh token", parseRefreshToken(refresh_token)?.secret);
  }

  /** Signs in with a wrong password, the password in the wrong field, and the right one. */
  async signIn(): Promise<void> {
    const { username, password } = this.#at;
    const wrong = freshSecret();
    this.#note("wrong password", wrong);
    expect((await this.#person.signIn(username, wrong)).status).toBe(401);
    this.#note("cookie of the sign-in form", this.#person.cookies.get("dacapo_sign_in"));
    const page = await this.#person.open("/auth/login");
    const csrf = fieldOf(await this.#csrfOf(page), "csrf");
    const misplaced = { username: freshSecret(), password: username, csrf };
    this.#note("password in the field of the name", misplaced.username, pages);
    expect((await this.#person.open("/auth/login", misplaced)).status).toBe(401);
    expect((await this.#person.signIn(username, password)).status).toBe(303);
    const cookie = this.#person.cookies.get("dacapo_session");
    this.#note("session cookie", cookie);
    this.#note("secret of a session", parseSessionToken(cookie ?? "")?.secret);
  }

  async #registered(metadata: object): Promise<Registered> {
    const token = bearer(this.#at.initialAccessToken);
    const response = await sendJson("POST", this.#url("/auth/register"), metadata, token);
    expect(response.status).toBe(201);
    const client = (await response.json()) as Registered;
    // Its own client is told it at each look (RFC 7592 §3).
    const own = /^(?:GET|PUT) \/auth\/register\/[^ ]+ 200$/;
    this.#note("registration access token", client.registration_access_token, own);
    return client;
  }

  /** Registers a client by the initial access token, looks at it, changes it. */
  async register(): Promise<Registered> {
    const grant_types = ["authorization_code", "refresh_token"];
    const body = { redirect_uris: [redirectUri], client_name: "Reader", grant_types };
    const client = await this.#registered(body);
    const { client_id, client_secret, registration_access_token: token } = client;
    this.#note("client secret", client_secret);
    const own = this.#url(`/auth/register/${client_id}`);
    expect((await fetch(own, { headers: bearer(token) })).status).toBe(200);
    const changed = { ...body, client_id, client_secret, client_name: "Writer" };
    expect((await sendJson("PUT", own, changed, bearer(token))).status).toBe(200);
    return client;
  }

  /** A code of the person who is signed in, by the consent page. */
  async code(clientId: string): Promise<{ code: string; verifier: string }> {
    const { verifier, challenge } = pkcePair();
    const request = new URLSearchParams({
      ...{ response_type: "code", client_id: clientId, redirect_uri: redirectUri, scope: "read write" },
      ...{ code_challenge: challenge, code_challenge_method: "S256", state: "xyz" },
    });
    let response = await this.#person.open(`/auth/authorize?${request}`);
    if (response.status === 200) response = await this.#person.decide(await this.#csrfOf(response));
    const code = new URL(response.headers.get("location") ?? "").searchParams.get("code") ?? "";
    this.#note("code", code);
    this.#note("secret of a code", parseCode(code)?.secret);
    this.#note("verifier", verifier);
    return { code, verifier };
  }

  #token = (form: Fields, headers = {}): Promise<Response> =>
    postForm(this.#url("/auth/token"), form, headers);

  /** Redeems a code, at the second try by the right verifier. */
  async redeem({ client_id, client_secret }: Registered): Promise<{ form: Fields; tokens: Tokens }> {
    const { code, verifier } = await this.code(client_id);
    const form = {
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    };
    const wrong = pkcePair().verifier;
    this.#note("wrong verifier", wrong);
    const credentials = basic(client_id, client_secret);
    expect((await this.#token({ ...form, code_verifier: wrong }, credentials)).status).toBe(400);
    const tokens = await this.#tokensOf(await this.#token(form, credentials));
    this.#noteTokens(tokens);
    return { form, tokens };
  }

  /** A code that is used again. */
  async replay(client: Registered): Promise<void> {
    const { form } = await this.redeem(client);
    const response = await this.#token(form, basic(client.client_id, client.client_secret));
    expect(response.status).toBe(400);
  }

  /** Refreshes, refreshes again as if the answer had been lost, and lets a token that was spent long ago return. */
  async refresh(client: Registered): Promise<void> {
    const { tokens } = await this.redeem(client);
    const refresh = (refresh_token: string) =>
      this.#token(
        { grant_type: "refresh_token", refresh_token },
        basic(client.client_id, client.client_secret),
      );
    const first = await this.#tokensOf(await refresh(tokens.refresh_token));
    const again = await this.#tokensOf(await refresh(tokens.refresh_token));
    expect(again.refresh_token).toBe(first.refresh_token);
    this.#noteTokens(first);
    this.#noteTokens(again);
    this.#noteTokens(await this.#tokensOf(await refresh(first.refresh_token)));
    expect((await refresh(tokens.refresh_token)).status).toBe(400);
  }

  /** An assertion of a client that registers itself for it. */
  async assertion(): Promise<string> {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    this.#note("private key of a client", (await exportJWK(privateKey)).d);
    const jwk = { ...(await exportJWK(publicKey)), kid: "client key", alg: "ES256" };
    const body = {
      grant_types: ["client_credentials"],
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [jwk] },
    };
    const { client_id } = await this.#registered(body);
    const assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: "ES256", kid: "client key" })
      .setIssuer(client_id)
      .setSubject(client_id)
      .setAudience(this.#at.issuer)
      .setIssuedAt()
      .setExpirationTime("1m")
      .sign(privateKey);
    this.#note("assertion", assertion);
    this.#note("signature of an assertion", assertion.split(".")[2]);
    return assertion;
  }

  /** Tokens for clients themselves, in each way of authentication, and what is told of one of them. */
  async machines(): Promise<void> {
    const { id, secret } = this.#at.machine;
    const own = { grant_type: "client_credentials" };
    const byPost = await this.#tokensOf(await this.#token({ ...own, client_id: id, client_secret: secret }));
    this.#noteTokens(byPost);
    this.#noteTokens(await this.#tokensOf(await this.#token(own, basic(id, secret))));
    const wrong = freshSecret();
    this.#note("wrong client secret", wrong);
    expect((await this.#token(own, basic(id, wrong))).status).toBe(401);
    const client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    const signed = { ...own, client_assertion_type, client_assertion: await this.assertion() };
    this.#noteTokens(await this.#tokensOf(await this.#token(signed)));
    expect((await this.#token(signed)).status).toBe(401);

    const ask = (token: string) => postForm(this.#url("/auth/introspect"), { token }, basic(id, secret));
    expect(await (await ask(byPost.access_token)).json()).toMatchObject({ active: true });
    const revoked = await postForm(
      this.#url("/auth/revoke"),
      { token: byPost.access_token },
      basic(id, secret),
    );
    expect(revoked.status).toBe(200);
    expect(await (await ask(byPost.access_token)).json()).toEqual({ active: false });
  }

  /** Creates and rotates by the admin API, and asks for each again as if the answer had been lost. */
  async administer(): Promise<void> {
    const { id, secret } = this.#at.machine;
    const asked = { grant_type: "client_credentials", scope: "admin", resource: this.#at.issuer };
    const tokens = await this.#tokensOf(await this.#token(asked, basic(id, secret)));
    this.#noteTokens(tokens);
    const password = freshSecret();
    this.#note("password of a new user", password);
    const send = async (path: string, body: object): Promise<Readonly<Record<string, string>>> => {
      const key = freshSecret();
      this.#note("idempotency key", key);
      const headers = { ...bearer(tokens.access_token), "idempotency-key": `"${key}"` };
      const ask = () => sendJson("POST", this.#url(`/admin${path}`), body, headers);
      const [first, again] = [await (await ask()).text(), await (await ask()).text()];
      expect(again).toBe(first);
      return JSON.parse(first);
    };
    await send("/users", { username: `person ${randomUUID()}`, password });
    const client = await send("/clients", { client_name: "Made" });
    const rotated = await send(`/clients/${client.client_id}/secret`, {});
    const resource = await send("/resources", { uri: "https://made.example/api" });
    this.#note("secret of a new client", client.client_secret);
    this.#note("rotated secret of a new client", rotated.client_secret);
    this.#note("secret of a new resource", resource.resource_secret);
  }

  /** An MCP session and a tool in it. */
  async tools(client: Registered): Promise<void> {
    const { access_token } = (await this.redeem(client)).tokens;
    const created = await fetch(this.#url("/mcp/session/create"), {
      method: "POST",
      headers: bearer(access_token),
    });
    const { session_id } = (await created.json()) as { session_id: string };
    this.#note("secret of an MCP session", parseMcpSessionId(session_id)?.secret);
    const path = this.#url(`/mcp/session/${session_id}/execute/list_scores`);
    expect((await sendJson("POST", path, {}, bearer(access_token))).status).toBe(200);
    expect((await sendJson("POST", path, {})).status).toBe(401);
    const ended = this.#url(`/mcp/session/${session_id}`);
    expect((await fetch(ended, { method: "DELETE", headers: bearer(access_token) })).status).toBe(200);
  }

  /** Puts secrets where none belongs. */
  async misplace(client: Registered): Promise<void> {
    await misplace(this.#at, client, await this.redeem(client));
  }

  /** Signs out. */
  async signOut(): Promise<void> {
    expect((await this.#person.signOut()).status).toBe(200);
  }

  /** Asks for tokens while something is down; whatever is answered. */
  async fail(): Promise<void> {
    const { id, secret } = this.#at.machine;
    const response = await this.#token({ grant_type: "client_credentials" }, basic(id, secret));
    if (response.status === 200) this.#noteTokens(await this.#tokensOf(response));
    else await response.text();
  }

  /** Asks for tokens until they are given: something was down a moment ago. */
  async recover(): Promise<void> {
    const { id, secret } = this.#at.machine;
    for (;;) {
      const response = await this.#token({ grant_type: "client_credentials" }, basic(id, secret)).catch(
        () => undefined,
      );
      if (response?.status === 200) return this.#noteTokens(await this.#tokensOf(response));
      await sleep(100);
    }
  }
}
