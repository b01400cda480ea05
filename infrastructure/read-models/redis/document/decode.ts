import { Unavailable } from "../../../../application/ports/event-store.ts";
import type { Document } from "../../../../application/ports/read-models.ts";
import { maxDepth, range, tag } from "./tags.ts";
import type { Lexicon } from "./vocabulary.ts";

/** What stands in Redis is no document of ours: somebody else wrote there. */
export const broken = () => new Unavailable("A document in Redis cannot be read");

/** Reads one document. */
export class Decoder {
  readonly #bytes: Buffer;
  readonly #lexicon: Lexicon;
  readonly #said: string[];
  #at: number;
  #last = 0;

  /** `known` are the strings that the writer knew to be known. */
  constructor(bytes: Buffer, from: number, known: string[], lexicon: Lexicon) {
    this.#bytes = bytes;
    this.#at = from;
    this.#said = known;
    this.#lexicon = lexicon;
  }

  /** What stands from the place to the end. @throws {Unavailable} where it is not whole */
  decode(): Document {
    const document = this.#value(0);
    if (this.#at !== this.#bytes.length || typeof document !== "object" || document === null) throw broken();
    return document as Document;
  }

  #value(depth: number): unknown {
    const kind = this.#byte();
    if (kind < tag.again) return kind;
    if (kind < tag.shape) return required(this.#said[kind - tag.again]);
    if (kind < tag.word) return this.#shaped(required(this.#lexicon.shapes[kind - tag.shape]), depth);
    if (kind < tag.null) return required(this.#lexicon.words[kind - tag.word]);
    switch (kind) {
      case tag.null:
        return null;
      case tag.false:
        return false;
      case tag.true:
        return true;
      case tag.positive:
        return this.#varint();
      case tag.negative:
        return -this.#varint();
      case tag.thousandsUp:
        return this.#farther(1_000 * this.#varint());
      case tag.thousandsDown:
        return this.#farther(-1_000 * this.#varint());
      case tag.onesUp:
        return this.#farther(this.#varint());
      case tag.onesDown:
        return this.#farther(-this.#varint());
      case tag.double:
        return this.#double();
      case tag.utf8:
        return this.#text("utf8");
      case tag.utf16:
        return this.#text("utf16le");
      case tag.base64url:
        return this.#text("base64url");
      case tag.array:
        return this.#array(depth);
      case tag.object:
        return this.#object(depth);
      default:
        throw broken();
    }
  }

  #array(depth: number): unknown[] {
    if (depth === maxDepth) throw broken();
    const values: unknown[] = [];
    for (let left = this.#count(); left > 0; left--) values.push(this.#value(depth + 1));
    return values;
  }

  #shaped(names: readonly string[], depth: number): object {
    if (depth === maxDepth) throw broken();
    const value: Record<string, unknown> = {};
    for (const name of names) value[name] = this.#value(depth + 1);
    return value;
  }

  #object(depth: number): object {
    if (depth === maxDepth) throw broken();
    const members: (readonly [unknown, unknown])[] = [];
    for (let left = this.#count(); left > 0; left--)
      members.push([this.#value(maxDepth), this.#value(depth + 1)]);
    return Object.fromEntries(members);
  }

  #byte(): number {
    return required(this.#bytes[this.#at++]);
  }

  #varint(): number {
    let value = 0;
    for (let unit = 1; unit < 2 ** 53; unit *= 0x80) {
      const next = this.#byte();
      value += (next & 0x7f) * unit;
      if (next < 0x80) return value;
    }
    throw broken();
  }

  /** How many bytes or values follow: not more than there are. */
  #count(): number {
    const count = this.#varint();
    if (count > this.#bytes.length - this.#at) throw broken();
    return count;
  }

  #farther(distance: number): number {
    this.#last += distance;
    return this.#last;
  }

  #double(): number {
    if (this.#bytes.length - this.#at < 8) throw broken();
    this.#at += 8;
    return this.#bytes.readDoubleBE(this.#at - 8);
  }

  #text(encoding: "utf8" | "utf16le" | "base64url"): string {
    const end = this.#count() + this.#at;
    const text = this.#bytes.toString(encoding, this.#at, end);
    this.#at = end;
    if (this.#said.length < range.again) this.#said.push(text);
    return text;
  }
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw broken();
  return value;
}
