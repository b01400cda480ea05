import { pick, type Random } from "../faults/random.ts";

/** Some things of a kind, the newest of those that there were. */
export class Pool<T> {
  readonly #items: T[] = [];
  readonly #most: number;

  constructor(most = 24) {
    this.#most = most;
  }

  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length > this.#most) this.#items.shift();
  }

  remove(item: T): void {
    const index = this.#items.indexOf(item);
    if (index >= 0) this.#items.splice(index, 1);
  }

  get size(): number {
    return this.#items.length;
  }

  /** @throws where there is none */
  any(random: Random): T {
    return pick(random, this.#items);
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.values();
  }

  find(matches: (item: T) => boolean): T | undefined {
    return this.#items.find(matches);
  }
}
