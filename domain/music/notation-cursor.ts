import { Declined } from "./score.ts";

/** A place in a text; line and column count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export const declinedAt = ({ line, column }: Place, message: string): Declined =>
  new Declined(`Line ${line}, column ${column}: ${message}.`);

/** Reads one line of music from left to right. */
export class Cursor {
  readonly #text: string;
  readonly #line: number;
  #index = 0;

  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
    this.skipSpace();
  }

  get place(): Place {
    return { line: this.#line, column: this.#index + 1 };
  }

  get atEnd(): boolean {
    return this.#index >= this.#text.length;
  }

  /** What a sticky pattern matches here, which is then behind us. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#index;
    const found = pattern.exec(this.#text)?.[0];
    this.#index += found?.length ?? 0;
    return found;
  }

  skipSpace(): void {
    this.take(/\s*/y);
  }

  /** @throws {Declined} which says what should stand here and what does. */
  expected(what: string): never {
    const [rest] = this.#text.slice(this.#index, this.#index + 12).split(/\s/);
    const found = this.atEnd ? "the end of the line" : rest ? `'${rest}'` : "a space";
    throw declinedAt(this.place, `expected ${what}, found ${found}`);
  }
}
