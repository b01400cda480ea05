import { readNotation } from "../notation.ts";
import type { Score } from "../score.ts";
import { bachChorale } from "./bach-chorale.ts";
import { bachInvention1 } from "./bach-invention-1.ts";
import { frereJacques } from "./frere-jacques.ts";
import { fuxDorian } from "./fux-dorian.ts";
import { greensleeves } from "./greensleeves.ts";
import { odeToJoy } from "./ode-to-joy.ts";
import { twinkle } from "./twinkle.ts";

const texts = {
  bach_chorale: bachChorale,
  bach_invention_1: bachInvention1,
  frere_jacques: frereJacques,
  fux_dorian: fuxDorian,
  greensleeves,
  ode_to_joy: odeToJoy,
  twinkle,
};

/** Reads its texts when somebody first looks. */
class Library implements ReadonlyMap<string, Score> {
  #scores: ReadonlyMap<string, Score> | undefined;

  get #all(): ReadonlyMap<string, Score> {
    this.#scores ??= new Map(Object.entries(texts).map(([id, text]) => [id, readNotation(text)]));
    return this.#scores;
  }

  get size(): number {
    return this.#all.size;
  }

  get(id: string): Score | undefined {
    return this.#all.get(id);
  }

  has(id: string): boolean {
    return this.#all.has(id);
  }

  forEach(visit: (score: Score, id: string, all: ReadonlyMap<string, Score>) => void): void {
    for (const [id, score] of this.#all) visit(score, id, this);
  }

  keys(): MapIterator<string> {
    return this.#all.keys();
  }

  values(): MapIterator<Score> {
    return this.#all.values();
  }

  entries(): MapIterator<[string, Score]> {
    return this.#all.entries();
  }

  [Symbol.iterator](): MapIterator<[string, Score]> {
    return this.entries();
  }
}

/** Pieces in the public domain that are there from the start, by score id. */
export const library: ReadonlyMap<string, Score> = new Library();
