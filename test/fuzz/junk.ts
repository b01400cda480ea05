import fc from "fast-check";
import type { Value } from "./request.ts";

/** Stands in values that no error may repeat. */
export const marker = "zqx7";

const nasty: readonly string[] = [
  "",
  " ",
  marker,
  `${marker}<b>"'\\`,
  `<${marker}>`,
  `\u0000${marker}`,
  `${marker}\r\nX-Injected: 1`,
  `${marker}\ud800`,
  "\u202e\ufeff\u2028",
  "__proto__",
  "constructor",
  "toString",
  "-1",
  "1e309",
  "99999999999999999999",
  "null",
  "[]",
  "../../../../etc/passwd",
  `https://${marker}.invalid/`,
  `javascript:${marker}`,
  "http://127.0.0.1:1/client.json",
  "read write admin",
  `read ${marker}`,
  `dcr_${"a".repeat(22)}.1.${"b".repeat(43)}`,
  `dcc_${"a".repeat(22)}.${"b".repeat(43)}`,
  "eyJhbGciOiJub25lIn0.e30.",
  "a".repeat(129),
  "a".repeat(5_000),
  marker.repeat(18_000),
];

/** Bytes of a form or query that no encoder writes. */
const raws: readonly string[] = [
  "%00",
  "%ff",
  "%ED%A0%80",
  "%",
  "%zz",
  "%C0%80",
  "a=b",
  "+",
  "%2",
  `%u0041${marker}`,
];

export const junkText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...nasty) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
);

export const junkValue: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: junkText.map((text) => ({ text })) },
  { weight: 1, arbitrary: fc.constantFrom(...raws).map((raw) => ({ raw })) },
);

const deep = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);

/** Bodies that are broken, or are of another kind than they say. */
export const junkBodies: readonly { readonly text: string; readonly type: string }[] = [
  { text: "{", type: "application/json" },
  { text: `{"${marker}":`, type: "application/json" },
  { text: deep(5_000, "[", "]"), type: "application/json" },
  { text: deep(5_000, '{"a":', "}").replace(":}", ":1}"), type: "application/json" },
  { text: '{"__proto__":{"admin":true},"constructor":{"prototype":{}}}', type: "application/json" },
  { text: "null", type: "application/json" },
  { text: `"${marker}"`, type: "application/json; charset=utf-16" },
  { text: "[[],[]]", type: "application/json" },
  { text: `--x\r\n\r\n${marker}\r\n--x--`, type: "multipart/form-data; boundary=x" },
  { text: `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`, type: "application/xml" },
  { text: `${"&".repeat(2_000)}=${marker}`, type: "application/x-www-form-urlencoded" },
  { text: "a=1&".repeat(3_000), type: "application/x-www-form-urlencoded" },
  { text: "grant_type=%zz&%00=%ff", type: "application/x-www-form-urlencoded; charset=latin1" },
  { text: "\xff\xfe\x00", type: "application/x-www-form-urlencoded" },
  { text: marker, type: `application/${marker}` },
  { text: marker, type: "" },
  { text: marker.repeat(600_000), type: "application/json" },
];
