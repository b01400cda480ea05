import { randomBytes } from "node:crypto";
import type { Ledger } from "./ledger.ts";

/** A deployment as those see it who use it, and what they know from the start. */
export interface Deployment {
  /** Where the proxy before it is. */
  readonly issuer: string;
  /** Its own port, for what no proxy would pass on. */
  readonly port: number;
  readonly ledger: Ledger;
  readonly initialAccessToken: string;
  readonly username: string;
  readonly password: string;
  /** A confidential client with opaque tokens and a secret that somebody chose. */
  readonly machine: { readonly id: string; readonly secret: string };
}

/** A secret that no other test has. */
export const freshSecret = (): string => randomBytes(24).toString("base64url");

/** A client as it was told of itself. */
export interface Registered {
  readonly client_id: string;
  readonly client_secret: string;
  readonly registration_access_token: string;
}
