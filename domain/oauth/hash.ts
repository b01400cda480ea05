import { hash, timingSafeEqual } from "node:crypto";

/** SHA-256 of a secret or token as base64url, 43 characters: the only form in which one is kept. */
export const sha256 = (value: string): string => hash("sha256", value, "base64url");

/** Compares two strings in a time that depends on their lengths alone. */
export function constantTimeEqual(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
