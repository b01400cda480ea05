import { expect } from "vitest";
import { authorizationRequest, authorizePath, type FlowClient, requestToken } from "./code-flow.ts";
import { expectOAuthError, expectSentBack } from "./expect-error.ts";
import type { Person } from "./person.ts";
import type { Fields } from "./requests.ts";
import type { TestServer } from "./server.ts";

/** The token endpoint refuses this form so, and the log gets these events, none unless named. */
export async function expectTokenRefused(
  server: TestServer,
  form: Fields,
  error: string,
  { description, events = [] }: { description?: string; events?: readonly string[] } = {},
): Promise<void> {
  const status = error === "invalid_client" ? 401 : 400;
  const left = await server.eventsOf(async () =>
    expectOAuthError(await requestToken(server, form), status, error, description),
  );
  expect(left).toEqual(events);
}

/** A person comes with a request that lacks nothing but for these changes; the client is told `error`, and nothing is recorded. */
export async function expectAuthorizationRefused(
  server: TestServer,
  { person, client, changes }: { person: Person; client: FlowClient; changes: Fields },
  error: string,
): Promise<void> {
  const { state } = authorizationRequest(client, changes);
  const left = await server.eventsOf(async () =>
    expectSentBack(await person.open(authorizePath(client, changes)), {
      to: client.redirectUri.split("?")[0] ?? "",
      error,
      state: typeof state === "string" ? state : null,
      issuer: server.issuer,
    }),
  );
  expect(left).toEqual([]);
}
