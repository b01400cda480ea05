import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { decode } from "../../../application/events/catalog.ts";
import { sentenceOf } from "../../../application/events/words/index.ts";
import type { StoredEvent } from "../../../application/ports/event-store.ts";

const golden: readonly Pick<StoredEvent, "type" | "version" | "data">[] = JSON.parse(
  readFileSync(new URL("../../golden/events.json", import.meta.url), "utf8"),
);

/** Members of events that are secret, personal, or what somebody typed. */
const unspeakable =
  /^(?:hash|secretHash|passwordHash|usernameIndex|username|origin|challenge|nonce|wrappedKey|sealedPrivateJwk|registrationTokenHash|name|title|composer|redirectUri|clientUri|uri)$/;

/** What stands in these members, at any depth; the name of an archive is ours. */
function unspeakableIn(data: unknown): readonly string[] {
  if (typeof data !== "object" || data === null) return [];
  const members = Object.entries(data).filter(([name]) => name !== "archive");
  return members.flatMap(([name, value]) =>
    typeof value === "string" && unspeakable.test(name) ? [value] : unspeakableIn(value),
  );
}

it.each(golden)("$type version $version has a sentence, without what may not be told (I12)", (stored) => {
  const event = decode(stored);
  const sentence = sentenceOf(event);
  expect(sentence).not.toBe(event.type);
  expect(sentence).toMatch(/^[a-z ]+(?: \S+)?(?: \(\S+\))?(?: of (?:user )?\S+)?: \S/);
  expect(sentence).not.toMatch(/undefined|null|\[object/);
  // How a client, score or session came to be is told by the words for it.
  const values = unspeakableIn(event.data).filter(
    (value) => value !== "operator" && value !== "self_registered",
  );
  for (const value of values) expect(sentence).not.toContain(value);
});
