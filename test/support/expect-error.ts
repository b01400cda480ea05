import { expect } from "vitest";

/** The characters of an error_description (RFC 6749 §5.2). */
export const descriptionForm = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/;

/** What an OAuth endpoint refuses with: this status and code as JSON that nobody stores (RFC 6749 §5.2). */
export async function expectOAuthError(
  response: Response,
  status: number,
  error: string,
  description?: string,
): Promise<void> {
  const body = (await response.json()) as Record<string, unknown>;
  expect({ status: response.status, error: body.error }).toEqual({ status, error });
  expect(Object.keys(body).sort()).toEqual(["error", "error_description"]);
  expect(body.error_description).toMatch(descriptionForm);
  if (description !== undefined) expect(body.error_description).toBe(description);
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  expect(response.headers.get("cache-control")).toBe("no-store");
}

/** A page of ours that tells only the person, with these words; nobody is sent anywhere. */
export async function expectPage(response: Response, status: number, words: string): Promise<void> {
  const html = await response.text();
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toMatch(/^text\/html/);
  expect(response.headers.get("location")).toBeNull();
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(html).toContain(words);
}

/** An error that the client is told at its redirect URI (RFC 6749 §4.1.2.1, RFC 9207 §2). */
export function expectSentBack(
  response: Response,
  { to, error, state, issuer }: { to: string; error: string; state: string | null; issuer: string },
): void {
  const location = response.headers.get("location") ?? "";
  expect({ status: response.status, to: location.split("?")[0] }).toEqual({ status: 303, to });
  const answer = new URL(location).searchParams;
  const told = { error: answer.get("error"), state: answer.get("state"), iss: answer.get("iss") };
  expect(told).toEqual({ error, state, iss: issuer });
  expect(answer.get("error_description")).toMatch(descriptionForm);
  expect(response.headers.get("cache-control")).toBe("no-store");
}
