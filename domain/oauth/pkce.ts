import { constantTimeEqual, sha256 } from "./hash.ts";

const verifierForm = /^[A-Za-z0-9\-._~]{43,128}$/;

/** Whether a code_verifier or an S256 code_challenge has the form of RFC 7636 §4.1 and §4.2. */
export const isPkceValue = (value: string): boolean => verifierForm.test(value);

/** Whether the verifier is the one that the S256 challenge was made of (RFC 7636 §4.6). */
export const verifierMatches = (verifier: string, challenge: string): boolean =>
  constantTimeEqual(sha256(verifier), challenge);
