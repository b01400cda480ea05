/** Error codes of RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7591 §3.2.2, RFC 8707 §2 and OpenID Connect Core §3.1.2.6. */
export type ErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "unsupported_response_mode"
  | "request_not_supported"
  | "request_uri_not_supported"
  | "invalid_scope"
  | "invalid_target"
  | "access_denied"
  | "login_required"
  | "consent_required"
  | "invalid_token"
  | "insufficient_scope"
  | "invalid_redirect_uri"
  | "invalid_client_metadata";

/** A request that is not granted, in the terms of the RFC that says so. The description is ASCII and never echoes input. */
export interface Refusal {
  readonly refused: true;
  readonly error: ErrorCode;
  readonly description: string;
  /** What the operator's log may say more, in ids and never in secrets; it is not for whoever asked. */
  readonly reason?: string;
}

/** Builds a refusal. */
export const refusal = (error: ErrorCode, description: string, reason?: string): Refusal => ({
  refused: true,
  error,
  description,
  ...(reason === undefined ? {} : { reason }),
});

/** Tells a refusal from any other answer. */
export const isRefusal = (answer: unknown): answer is Refusal =>
  typeof answer === "object" && answer !== null && "refused" in answer && answer.refused === true;
