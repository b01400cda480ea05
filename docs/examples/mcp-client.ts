import * as oidc from "openid-client";

/** The tokens of a person, in memory only. A page keeps them in its own memory too: never in localStorage, where any script reads them. */
export class MusicMcpClient {
  readonly #baseUrl: string;
  readonly #redirectUri: string;
  readonly #config: oidc.Configuration;
  readonly #verifier = oidc.randomPKCECodeVerifier();
  readonly #state = oidc.randomState();
  #tokens: oidc.TokenEndpointResponse | undefined;

  private constructor(baseUrl: string, redirectUri: string, config: oidc.Configuration) {
    this.#baseUrl = baseUrl;
    this.#redirectUri = redirectUri;
    this.#config = config;
  }

  /** Learns from its metadata where the server's endpoints are. */
  static async create(baseUrl: string, clientId: string, redirectUri: string): Promise<MusicMcpClient> {
    const isLocal = new URL(baseUrl).hostname === "localhost";
    const config = await oidc.discovery(new URL(baseUrl), clientId, undefined, oidc.None(), {
      algorithm: "oauth2",
      // http is for this machine only.
      execute: isLocal ? [oidc.allowInsecureRequests] : [],
    });
    return new MusicMcpClient(baseUrl, redirectUri, config);
  }

  /** Where to send the person's browser. */
  async authorizationUrl(scope = "read write"): Promise<URL> {
    return oidc.buildAuthorizationUrl(this.#config, {
      redirect_uri: this.#redirectUri,
      scope,
      state: this.#state,
      code_challenge: await oidc.calculatePKCECodeChallenge(this.#verifier),
      code_challenge_method: "S256",
    });
  }

  /** Takes the URL that the browser came back to; checks `state` and `iss` and redeems the code. */
  async exchange(callback: URL): Promise<void> {
    this.#tokens = await oidc.authorizationCodeGrant(this.#config, callback, {
      pkceCodeVerifier: this.#verifier,
      expectedState: this.#state,
    });
  }

  async refresh(): Promise<void> {
    this.#tokens = await oidc.refreshTokenGrant(this.#config, this.#tokens?.refresh_token ?? "");
  }

  async listTools(): Promise<readonly { name: string; description: string; required_scope: string }[]> {
    const { tools } = (await this.#ask("GET", "/mcp/tools")) as {
      tools: { name: string; description: string; required_scope: string }[];
    };
    return tools;
  }

  /** @throws an error with the server's own words where the tool declines or the request is refused */
  async executeTool(name: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
    const answer = await this.#ask("POST", `/mcp/execute/${name}`, { arguments: args });
    const { success, result, error } = answer as { success: boolean; result?: unknown; error?: string };
    if (!success) throw new Error(error);
    return result;
  }

  /** Asks, once more with a fresh token where the old one is no good any more. */
  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const ask = () =>
      fetch(`${this.#baseUrl}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#tokens?.access_token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    let response = await ask();
    if (response.status === 401 && this.#tokens?.refresh_token !== undefined) {
      await this.refresh();
      response = await ask();
    }
    const answer = (await response.json()) as { error_description?: string };
    if (!response.ok) throw new Error(answer.error_description ?? `status ${response.status}`);
    return answer;
  }
}
