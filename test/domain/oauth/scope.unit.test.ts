import { describe, expect, it } from "vitest";
import { formatScope, intersectScope, isSubset, parseScope } from "../../../domain/oauth/scope.ts";

describe("a scope (RFC 6749 §3.3)", () => {
  it.each<[string, readonly string[]]>([
    ["read write", ["read", "write"]],
    ["write read write", ["write", "read"]],
    ["  read   write ", ["read", "write"]],
    ["", []],
    ["!#[]~", ["!#[]~"]],
    ["Read read", ["Read", "read"]],
  ])("%j is read as %j", (value, scope) => expect(parseScope(value)).toEqual(scope));

  it.each(['re"ad', "re\\ad", "read\twrite", "read\nwrite", "lés", "\u007f", "read\u0000"])(
    "%j is malformed",
    (value) => expect(parseScope(value)).toBeUndefined(),
  );

  it("is written with single spaces", () => {
    expect(formatScope(["read", "write"])).toBe("read write");
    expect(formatScope([])).toBe("");
  });

  it("is cut to what all the others allow, in its own order", () => {
    expect(intersectScope(["c", "a", "b"], ["a", "b", "c"], ["b", "c"])).toEqual(["c", "b"]);
    expect(intersectScope(["a"], [])).toEqual([]);
    expect(intersectScope(["a"])).toEqual(["a"]);
  });

  it("is within another where each of its tokens is", () => {
    expect(isSubset(["a"], ["b", "a"])).toBe(true);
    expect(isSubset([], [])).toBe(true);
    expect(isSubset(["a", "c"], ["b", "a"])).toBe(false);
  });
});
