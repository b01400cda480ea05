import { expect } from "vitest";
import { createUser, requireUser } from "../../application/commands/manage-users.ts";
import { authorizePath, demoClient } from "./code-flow.ts";
import { Person } from "./person.ts";
import type { TestServer } from "./server.ts";

/** The cookie of a session where the issuer is http. */
export const sessionCookie = "dacapo_session";

/** What operators do in tests is recorded like this. */
export const operator = { actor: "operator", correlationId: "test" };

let people = 0;

/** The name of a user whom no other test knows; the password is "password". */
export async function newUser({ runtime }: TestServer): Promise<string> {
  people += 1;
  const username = `person ${people}`;
  const user = { username, password: "password", scopes: ["read", "write"] };
  await createUser(runtime.context, user, operator);
  return username;
}

/** The id of the user of this name. */
export const userIdOf = async ({ runtime }: TestServer, username: string): Promise<string> =>
  (await requireUser(runtime.context, username)).userId;

/** A person in a browser of their own, signed in. */
export async function signedIn({ address }: TestServer, username: string): Promise<Person> {
  const person = new Person(address);
  expect((await person.signIn(username)).status).toBe(303);
  return person;
}

/** Whether a person is asked for consent at once, not for a sign-in. */
export async function isSignedIn(server: TestServer, person: Person): Promise<boolean> {
  const response = await person.open(authorizePath(demoClient(server)));
  if (response.status === 200) return true;
  expect(response.headers.get("location")).toMatch(/^login\?/);
  return false;
}
