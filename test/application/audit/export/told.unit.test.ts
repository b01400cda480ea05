import { expect, it } from "vitest";
import { ndjsonWriter } from "../../../../application/audit/export/ndjson.ts";
import { catalog } from "../../../../application/events/catalog.ts";
import { golden, recordFrom, storedAs } from "./records.ts";

/** Members of events that never go out, whatever they hold. */
const secret =
  /^(?:hash|secretHash|passwordHash|usernameIndex|username|challenge|nonce|wrappedKey|sealedPrivateJwk|publicJwk|registrationTokenHash|secrets|jwks|title|composer|notes|reservation|positions)$/;

/** Every name and every text in a value, at any depth. */
function partsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [
    ...(Array.isArray(value) ? [] : [name]),
    ...partsOf(member),
  ]);
}

/** What stands in members that never go out; where a session was used is sealed, how a client came to be is not. */
function secretsIn(data: unknown): readonly string[] {
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([name, value]) => {
    if (typeof value !== "string") return secretsIn(value);
    return secret.test(name) || (name === "origin" && "secretHash" in data) ? [value] : [];
  });
}

it.each(golden)("$type version $version goes out without its secrets (I12)", (event) => {
  const line = ndjsonWriter().line(recordFrom(storedAs(event)));
  const parts = partsOf(JSON.parse(line));
  expect(parts.filter((name) => secret.test(name))).toEqual([]);
  for (const value of secretsIn(event.data)) expect(line).not.toContain(value);
});

it("tells something of each type of event that there is", () => {
  const told = golden.filter((event) => Object.keys(recordFrom(storedAs(event)).data).length > 1);
  expect(new Set(told.map(({ type }) => type))).toEqual(new Set(Object.keys(catalog)));
});

it("tells nothing of an event that it does not know, and of what it is", () => {
  const record = recordFrom(storedAs({ type: "grant.unheard_of", version: 1, data: { hash: "secret" } }));
  expect(record.data).toEqual({});
  expect(record.sentence).toBe("grant.unheard_of: this version of Dacapo cannot read it");
});

it("does not tell the index of a username by the name of a stream", () => {
  const event = { type: "projection.retried", version: 1, data: { stream: "username-AbCd", at: 1 } };
  const line = ndjsonWriter().line(recordFrom(storedAs(event, { stream: "username-AbCd" })));
  expect(line).not.toContain("AbCd");
  expect(JSON.parse(line)).toMatchObject({ stream: "username", data: { stream: "username" } });
});
