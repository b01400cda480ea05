import { createHash, randomBytes } from "node:crypto";

/** A PKCE pair (RFC 7636). */
export function pkcePair(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** A value of an attribute as it is meant. */
export const decodeEntities = (value: string): string =>
  value.replace(/&(?:#(\d+)|amp);/g, (_, code = "38") => String.fromCharCode(Number(code)));

/** The value of an attribute of the first element that has this name. */
export function fieldOf(html: string, name: string): string {
  const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1];
  return decodeEntities(value ?? "");
}

/** Where the form of a page goes. */
export const formAction = (html: string): string =>
  decodeEntities(/<form method="post" action="([^"]*)"/.exec(html)?.[1] ?? "");

/** A person with a browser that keeps cookies and follows nothing by itself. */
export class Person {
  readonly cookies = new Map<string, string>();
  readonly #base: string;
  readonly #timeout: number | undefined;
  #at: string;

  /** @param timeout how long (ms) an answer may take; without it, as long as it takes */
  constructor(issuer: string, timeout?: number) {
    this.#base = issuer;
    this.#timeout = timeout;
    this.#at = `${issuer}/`;
  }

  /** Where a link or redirect of the last page leads. */
  resolve(url: string): string {
    return new URL(url, this.#at).href;
  }

  /** Fetches a URL of the server, a path of it or a link of the last page, with this person's cookies. */
  async open(url: string, form?: Record<string, string>): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const target = this.resolve(url);
    const response = await fetch(target, {
      redirect: "manual",
      headers: cookie === "" ? {} : { cookie },
      ...(form ? { method: "POST", body: new URLSearchParams(form) } : {}),
      ...(this.#timeout === undefined ? {} : { signal: AbortSignal.timeout(this.#timeout) }),
    });
    this.#at = target;
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name === undefined || value === undefined) continue;
      if (value === "") this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** Signs in by the page; answers the response to the form. */
  async signIn(username: string, password = "password", returnUrl = ""): Promise<Response> {
    const query = returnUrl === "" ? "" : `?${new URLSearchParams({ return_url: returnUrl })}`;
    const page = await (await this.open(`${this.#base}/auth/login${query}`)).text();
    return await this.open(`${this.#base}/auth/login`, {
      username,
      password,
      csrf: fieldOf(page, "csrf"),
      return_url: fieldOf(page, "return_url"),
    });
  }

  /** Signs out by the page. */
  async signOut(): Promise<Response> {
    const page = await (await this.open(`${this.#base}/auth/logout`)).text();
    return await this.open(`${this.#base}/auth/logout`, { csrf: fieldOf(page, "csrf") });
  }

  /** Answers a consent page. */
  async decide(page: string, decision: "approve" | "deny" = "approve"): Promise<Response> {
    return await this.open(formAction(page), { csrf: fieldOf(page, "csrf"), decision });
  }

  /** Goes through an authorization request while signed in, approves where asked, and answers the parameters returned. */
  async authorize(parameters: Record<string, string>): Promise<URLSearchParams> {
    let response = await this.open(`${this.#base}/auth/authorize?${new URLSearchParams(parameters)}`);
    if (response.status === 200) response = await this.decide(await response.text());
    const location = response.headers.get("location");
    if (location === null) throw new Error(`no redirect but ${response.status}: ${await response.text()}`);
    return new URL(location).searchParams;
  }
}
