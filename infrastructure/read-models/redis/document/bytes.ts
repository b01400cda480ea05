/** Bytes that are written one after another. */
export class Bytes {
  #buffer = Buffer.allocUnsafe(65_536);
  #length = 0;

  byte(value: number): void {
    this.#room(1);
    this.#buffer[this.#length++] = value;
  }

  /** From 0 to 2^53. */
  varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80);
    this.byte(rest);
  }

  /** A big-endian integer of this many bytes, at most 6. */
  integer(value: number, bytes: number): void {
    this.#room(bytes);
    this.#length = this.#buffer.writeUIntBE(value, this.#length, bytes);
  }

  double(before: number, value: number): void {
    this.byte(before);
    this.#room(8);
    this.#length = this.#buffer.writeDoubleBE(value, this.#length);
  }

  /** `length` is that of the text in bytes. */
  text(value: string, length = Buffer.byteLength(value), encoding: BufferEncoding = "utf8"): void {
    this.#room(length);
    this.#length += this.#buffer.write(value, this.#length, length, encoding);
  }

  /** Leaves room for the length of what comes next, an integer of this many bytes; answers its place. */
  open(bytes: number): number {
    this.integer(0, bytes);
    return this.#length;
  }

  /** Notes how much was written since that place. */
  close(place: number, bytes: number): void {
    this.#buffer.writeUIntBE(this.#length - place, place - bytes, bytes);
  }

  clear(): void {
    this.#length = 0;
  }

  copy(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#length));
  }

  #room(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.#length + more));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
