import type { Bytes } from "./bytes.ts";

/** 16 bytes (an id) or 32 (a hash) as base64url spells them, so that they are spelled the same after there and back. */
const packed = /^(?:[\w-]{21}[AQgw]|[\w-]{42}[AEIMQUYcgkosw048])$/;

/** Whether a string is as good as the bytes that it stands for in base64url. */
export const isPacked = (value: string): boolean =>
  (value.length === 22 || value.length === 43) && packed.test(value);

const idCharacters = 22;
const idBytes = 16;
/** From here on the byte before a value says: so many characters, and then the bytes of an id. */
const withId = 0x80;
/** Instead of a length: it follows in two bytes. */
const long = 0x7f;
const maxPrefix = 8;

/** The value of an index as it stands before ids and in heads; none begins with another. The scripts read it too. */
export function writeValue(into: Bytes, value: string): void {
  const prefix = value.length - idCharacters;
  const bytes = Buffer.byteLength(value);
  if (prefix >= 0 && prefix <= maxPrefix && bytes === value.length && isPacked(value.slice(prefix))) {
    into.byte(withId + prefix);
    into.text(value.slice(0, prefix), prefix);
    into.text(value.slice(prefix), idBytes, "base64url");
  } else {
    if (bytes < long) into.byte(bytes);
    else {
      into.byte(long);
      into.integer(bytes, 2);
    }
    into.text(value, bytes);
  }
}

/** The value that stands at this place, and where it ends. */
export function readValue(bytes: Buffer, at: number): readonly [value: string, end: number] {
  const kind = bytes[at] ?? 0;
  if (kind >= withId) {
    const from = at + 1 + kind - withId;
    const end = from + idBytes;
    return [bytes.toString("utf8", at + 1, from) + bytes.toString("base64url", from, end), end];
  }
  const from = kind === long ? at + 3 : at + 1;
  const end = from + (kind === long ? 256 * (bytes[at + 1] ?? 0) + (bytes[at + 2] ?? 0) : kind);
  return [bytes.toString("utf8", from, end), end];
}
