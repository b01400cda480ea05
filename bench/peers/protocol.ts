/** What the benchmark and a peer say to each other. */

export const redirectUri = "https://client.example/callback";
/** RFC 8707. */
export const resource = "https://api.example/";
/** Seconds, as of Dacapo. */
export const accessTokenLifetime = 900;
export const refreshTokenLifetime = 30 * 86_400;

export interface PeerSettings {
  readonly tokenFormat: "jwt" | "opaque";
  /** Of a Redis for this peer alone; only for those that keep their data there. */
  readonly redisUrl?: string;
}

/** What each peer answers: to `start` a PeerDeployment, to `grants` PeerTokens of each, to `codes` the codes. */
export type PeerMessage =
  | { readonly start: PeerSettings }
  | { readonly grants: number }
  /** PKCE, S256. */
  | { readonly codes: number; readonly challenge: string };

interface Credentials {
  readonly id: string;
  readonly secret: string;
}

export interface PeerDeployment {
  readonly url: { readonly token: string; readonly introspect: string };
  /** Confidential, client_secret_basic. */
  readonly client: Credentials;
  /** Who introspects. */
  readonly resource: Credentials;
  /** What a token request must say beyond the grant, for a token of the format asked for. */
  readonly form: Readonly<Record<string, string>>;
}

export interface PeerTokens {
  readonly access_token: string;
  readonly refresh_token: string;
}
