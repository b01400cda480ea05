import type { Document } from "../../../../application/ports/read-models.ts";
import type { Bytes } from "./bytes.ts";
import { isPacked } from "./packed.ts";
import { large, maxDepth, range, tag } from "./tags.ts";
import type { Lexicon } from "./vocabulary.ts";

type Members = Readonly<Record<string, unknown>>;

/** Writes documents, one after another. */
export class Encoder {
  readonly #into: Bytes;
  readonly #lexicon: Lexicon;
  #said: string[] = [];
  #last = 0;

  constructor(into: Bytes, lexicon: Lexicon) {
    this.#into = into;
    this.#lexicon = lexicon;
  }

  /**
   * Writes a document, as `JSON.stringify` would say it. `known` are strings that the reader knows before it reads.
   * @throws {TypeError} where it is no JSON
   */
  encode(document: Document, known: readonly string[]): void {
    this.#said = known.slice(0, range.again);
    this.#last = 0;
    this.#value(document, 0);
  }

  #value(value: unknown, depth: number): void {
    if (typeof value === "string") this.#string(value);
    else if (typeof value === "number") this.#number(value);
    else if (value === null || value === undefined) this.#into.byte(tag.null);
    else if (typeof value === "boolean") this.#into.byte(value ? tag.true : tag.false);
    else if (typeof value !== "object") throw new TypeError(`a document holds a ${typeof value}`);
    else if (depth === maxDepth) throw new TypeError("a document goes too deep, or in circles");
    else if (Array.isArray(value)) this.#array(value, depth + 1);
    else this.#object(value as Members, depth + 1);
  }

  #array(values: readonly unknown[], depth: number): void {
    this.#counted(tag.array, values.length);
    for (const value of values) this.#value(value, depth);
  }

  #object(value: Members, depth: number): void {
    const names = namesOf(value);
    const shape = this.#lexicon.shapeOf(names);
    if (shape === undefined) this.#counted(tag.object, names.length);
    else this.#into.byte(tag.shape + shape);
    for (const name of names) {
      if (shape === undefined) this.#string(name);
      this.#value(value[name], depth);
    }
  }

  #string(value: string): void {
    const word = this.#lexicon.numberOf(value);
    const again = word === undefined ? this.#said.indexOf(value) : -1;
    if (word !== undefined) this.#into.byte(tag.word + word);
    else if (again !== -1) this.#into.byte(tag.again + again);
    else this.#spelled(value);
  }

  #spelled(value: string): void {
    if (this.#said.length < range.again) this.#said.push(value);
    if (isPacked(value)) this.#text(tag.base64url, value, (value.length * 3) >> 2, "base64url");
    else if (value.isWellFormed()) this.#text(tag.utf8, value, Buffer.byteLength(value), "utf8");
    else this.#text(tag.utf16, value, 2 * value.length, "utf16le");
  }

  #text(as: number, value: string, length: number, encoding: BufferEncoding): void {
    this.#counted(as, length);
    this.#into.text(value, length, encoding);
  }

  #number(value: number): void {
    if (!Number.isFinite(value)) this.#into.byte(tag.null);
    else if (!Number.isSafeInteger(value)) this.#into.double(tag.double, value);
    else if (value < 0) this.#counted(tag.negative, -value);
    else if (value < range.small) this.#into.byte(tag.small + value);
    else if (value < large) this.#counted(tag.positive, value);
    else this.#distance(value - this.#last, value);
  }

  #distance(distance: number, value: number): void {
    this.#last = value;
    const far = Math.abs(distance);
    if (far % 1_000 === 0) this.#counted(distance < 0 ? tag.thousandsDown : tag.thousandsUp, far / 1_000);
    else this.#counted(distance < 0 ? tag.onesDown : tag.onesUp, far);
  }

  #counted(as: number, count: number): void {
    this.#into.byte(as);
    this.#into.varint(count);
  }
}

/** The members that JSON has. */
function namesOf(value: Members): readonly string[] {
  const names = Object.keys(value);
  for (const name of names)
    if (value[name] === undefined) return names.filter((each) => value[each] !== undefined);
  return names;
}
