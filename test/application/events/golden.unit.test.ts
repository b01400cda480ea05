import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { catalog, decode, encode, UnreadableEvent } from "../../../application/events/catalog.ts";

interface Golden {
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
  /** What it reads as today, where that is not what was written. */
  readonly today?: unknown;
}

/** Every version of every event that was ever written. Lines are added here and never changed. */
const golden: readonly Golden[] = JSON.parse(
  readFileSync(new URL("../../golden/events.json", import.meta.url), "utf8"),
);

const metadata = { actor: "system", correlationId: "test" };

describe("the golden file", () => {
  it.each(golden)("$type version $version can be read for ever", ({ today, ...stored }) => {
    expect(decode(stored)).toEqual({ type: stored.type, data: today ?? stored.data });
  });

  it("holds each version up to the one that is written today", () => {
    const known = golden.map(({ type, version }) => `${type} ${version}`);
    const written = Object.entries(catalog).flatMap(([type, { version }]) =>
      Array.from({ length: version }, (_, index) => `${type} ${index + 1}`),
    );
    expect(known.sort()).toEqual(written.sort());
  });

  it.each(golden)("$type is written as it is read", (stored) => {
    const event = decode(stored);
    const { type, data } = encode(event, "id", metadata);
    expect({ type, data }).toEqual(event);
  });
});

describe("the catalog", () => {
  it("refuses an access token that was decided on but not signed", () => {
    const issued = golden.find(({ type }) => type === "grant.code.redeemed")?.data as {
      accessToken: object;
    };
    const data = { ...issued, accessToken: { ...issued.accessToken, hash: "" } };
    expect(() => encode({ type: "grant.code.redeemed", data }, "id", metadata)).toThrow(TypeError);
  });

  it("refuses an unknown type, an unknown member and a version without an upcaster or from the future", () => {
    const [stored] = golden;
    expect(() => decode({ type: "grant.unknown", version: 1, data: {} })).toThrow(UnreadableEvent);
    expect(() => decode({ type: "grant.revoked", version: 1, data: { grant: {}, more: 1 } })).toThrow(
      UnreadableEvent,
    );
    expect(() => decode({ ...(stored as Golden), version: 0 })).toThrow(UnreadableEvent);
    expect(() => decode({ ...(stored as Golden), version: 99 })).toThrow(UnreadableEvent);
  });
});
