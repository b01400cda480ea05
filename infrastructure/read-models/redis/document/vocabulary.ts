import { range } from "./tags.ts";

/** What documents are made of, so that they need not say it: which members objects have, in their order, and words. */
export interface Vocabulary {
  readonly shapes: readonly (readonly string[])[];
  readonly words: readonly string[];
}

const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export const emptyVocabulary: Vocabulary = { shapes: [], words: [] };

/** A vocabulary as it is looked up; what is beyond the numbers that fit into a byte is spelled out. */
export class Lexicon {
  readonly shapes: readonly (readonly string[])[];
  readonly words: readonly string[];
  /** The numbers of shapes by their first member: to compare the others takes less than to make a key of all. */
  readonly #byFirst: ReadonlyMap<string, readonly number[]>;
  readonly #wordNumbers: ReadonlyMap<string, number>;
  readonly #longest: number;

  constructor({ shapes, words }: Vocabulary) {
    this.shapes = shapes.slice(0, range.shape);
    this.words = words.slice(0, range.word);
    this.#byFirst = Map.groupBy(this.shapes.keys(), (number) => this.shapes[number]?.[0] ?? "");
    this.#wordNumbers = new Map(this.words.map((word, number) => [word, number]));
    this.#longest = Math.max(...this.words.map(({ length }) => length));
  }

  shapeOf(names: readonly string[]): number | undefined {
    return this.#byFirst.get(names[0] ?? "")?.find((number) => isSame(this.shapes[number] ?? [], names));
  }

  /** Most strings are longer than any word, and need not be looked up. */
  numberOf(word: string): number | undefined {
    return word.length > this.#longest ? undefined : this.#wordNumbers.get(word);
  }

  /** The name of the set of an index: a character where it is a word, otherwise `.name:`. */
  setOf(index: string): string {
    const number = this.#wordNumbers.get(index);
    return number === undefined ? `.${index}:`.toWellFormed() : (characters[number] ?? "");
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
