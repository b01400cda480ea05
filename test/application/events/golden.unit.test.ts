import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { catalog, decode, encode, UnreadableEvent } from "../../../application/events/catalog.ts";
import { shapeDifferences } from "../../support/shape.ts";

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

/** Every upcaster there is, with the version that it begins at. */
const upcasters = Object.entries(catalog).flatMap(([type, { upcasts = {} }]) =>
  Object.entries(upcasts).map(([version, upcast]) => ({ type, version: Number(version), upcast })),
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

  it.each(upcasters)("holds what the upcaster of $type version $version must change", (upcaster) => {
    const { type, version, upcast } = upcaster;
    const [before, after] = [version, version + 1].map(
      (wanted) => golden.find((line) => line.type === type && line.version === wanted)?.data,
    );
    const upcasted = upcast(before);
    expect(shapeDifferences(upcasted, after)).toEqual([]);
    // Where no member is added, the newer line must say what the older could not.
    expect(shapeDifferences(before, upcasted).length > 0 || !isDeepStrictEqual(before, after)).toBe(true);
  });

  it("has an upcaster from each version before today's, and from no other", () => {
    for (const [type, { version, upcasts = {} }] of Object.entries(catalog))
      expect({ type, from: Object.keys(upcasts).map(Number) }).toEqual({
        type,
        from: Array.from({ length: version - 1 }, (_, index) => index + 1),
      });
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
