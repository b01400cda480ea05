import type { GrantPolicy } from "../domain/grant/commands.ts";
import type { SigningAlgorithm } from "../domain/signing-key/signing-key.ts";

/** A scope that exists, and what the consent page says of it. */
export interface ScopeDescription {
  readonly name: string;
  readonly description: string;
}

/** What the operator decided. Times are milliseconds. */
export interface Policy {
  /** Exactly as configured; also the identifier of the admin API as a resource. */
  readonly issuer: string;
  readonly scopes: readonly ScopeDescription[];
  readonly requirePkce: boolean;
  readonly allowPublicClients: boolean;
  readonly registration: "open" | "closed";
  /** SHA-256 of the initial access token that opens closed registration; null where there is none. */
  readonly initialAccessTokenHash: string | null;
  readonly grants: GrantPolicy & { readonly codeLifetime: number; readonly grantLifetime: number };
  readonly sessions: {
    readonly ttl: number;
    readonly sliding: boolean;
    readonly maxPerUser: number;
    readonly absoluteLifetime: number;
    readonly rememberedLifetime: number;
    readonly bindTokens: boolean;
    /** Whether calls in an MCP session need the bearer token too. */
    readonly requireBearer: boolean;
  };
  readonly signing: {
    readonly algorithm: SigningAlgorithm;
    readonly rotateEvery: number;
    /** How long a key is published before it signs; longer than verifiers cache the JWKS. */
    readonly publishFor: number;
  };
  readonly retention: {
    /** How long the events of a grant are kept after its last token died; null: for ever. */
    readonly grants: number | null;
  };
  /** How long an answer that ends access waits to be visible before it becomes 503. */
  readonly visibilityLimit: number;
  /** How long an answer that gives access waits to be visible before it is given all the same. */
  readonly issuanceVisibilityLimit: number;
}

/** The scope that opens the admin API. */
export const adminScope = "admin";

/** The protected resource that the MCP server is (RFC 8707): its own URL. */
export const mcpResource = (issuer: string): string => `${issuer}/mcp`;

/** The scopes that are given without being asked for by name: all but the administrative one. */
export const ordinaryScopes = ({ scopes }: Pick<Policy, "scopes">): readonly string[] =>
  scopes.map(({ name }) => name).filter((name) => name !== adminScope);
