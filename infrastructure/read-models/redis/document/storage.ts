import {
  type Document,
  type DocumentKey,
  type Put,
  parkedDocument,
} from "../../../../application/ports/read-models.ts";
import { Bytes } from "./bytes.ts";
import { broken, Decoder } from "./decode.ts";
import { Encoder } from "./encode.ts";
import { readValue, writeValue } from "./packed.ts";
import type { Lexicon } from "./vocabulary.ts";

/** What becomes of a document: put, parked, or parked after it was put. */
export interface Write extends DocumentKey {
  readonly put: Put | undefined;
  readonly isParked: boolean;
}

/** The set of documents that expire. */
const expirySet = "!";
/** Epoch milliseconds in the order of bytes. */
const expiryBytes = 6;
/** Begins the name of a set that is spelled out. */
const dot = 0x2e;
const colon = 0x3a;

/** Instead of a head: the entries stay. */
const sameHead = "=";

/**
 * A document is stored as the length of its head (two bytes), its head, and the document. The head says under which
 * entries it is found: each is the name of a set (`!`, then the six bytes of the expiry; or as `Lexicon.setOf` has it) and
 * the value there, as `writeValue` writes it; in the set the id follows the value. So the scripts find the entries to
 * remove without knowing documents, and a document need not repeat what its head or its id says.
 */
export class Storage {
  readonly #lexicon: Lexicon;
  readonly #bytes = new Bytes();
  readonly #encoder: Encoder;

  constructor(lexicon: Lexicon) {
    this.#lexicon = lexicon;
    this.#encoder = new Encoder(this.#bytes, lexicon);
  }

  /**
   * Writes as the script that applies them reads them: collection, id, head and document, each after its length.
   * @throws {TypeError} where a document is no JSON
   */
  batch(writes: readonly Write[]): Buffer {
    const bytes = this.#bytes;
    bytes.clear();
    for (const { collection, id, put, isParked } of writes) {
      this.#text(1, collection);
      this.#text(2, id);
      const head = bytes.open(2);
      const known = put ? this.#head(put, isParked) : bytes.text(sameHead);
      bytes.close(head, 2);
      const document = bytes.open(4);
      // The one word of a parked document needs no strings before it, and its head may be that of another put.
      if (put && known && !isParked) this.#encoder.encode(put.document, known);
      else this.#encoder.encode(parkedDocument, []);
      bytes.close(document, 4);
    }
    return bytes.copy();
  }

  /** The set of an index, and with what the entries of one value begin. */
  entryOf(index: string, value: string): { readonly set: string; readonly entry: Buffer } {
    this.#bytes.clear();
    writeValue(this.#bytes, value.toWellFormed());
    return { set: this.#lexicon.setOf(index), entry: this.#bytes.copy() };
  }

  /** @throws {Unavailable} where this is no document of ours */
  read(id: string, stored: Buffer): Document {
    if (stored.length < 2) throw broken();
    const end = 2 + stored.readUInt16BE(0);
    if (end > stored.length) throw broken();
    const known = [id.toWellFormed()];
    let at = 2;
    if (stored[at] === expirySet.charCodeAt(0) && at < end) at += 1 + expiryBytes;
    while (at < end) {
      const nameEnd = stored[at] === dot ? stored.indexOf(colon, at) : at;
      const [value, after] = readValue(stored, nameEnd + 1);
      if (nameEnd === -1 || after > end) throw broken();
      known.push(value);
      at = after;
    }
    return new Decoder(stored, at, known, this.#lexicon).decode();
  }

  /** Answers what whoever reads the document knows before: its id, and the values of its indexes. */
  #head({ id, indexes, expiresAt }: Put, isForEver: boolean): string[] {
    const bytes = this.#bytes;
    const known = [id.toWellFormed()];
    if (expiresAt !== null && !isForEver) {
      bytes.text(expirySet);
      bytes.integer(Math.max(0, expiresAt), expiryBytes);
    }
    for (const name of Object.keys(indexes).sort()) {
      const value = (indexes[name] ?? "").toWellFormed();
      bytes.text(this.#lexicon.setOf(name));
      writeValue(bytes, value);
      known.push(value);
    }
    return known;
  }

  #text(lengthBytes: number, text: string): void {
    const place = this.#bytes.open(lengthBytes);
    this.#bytes.text(text);
    this.#bytes.close(place, lengthBytes);
  }
}
