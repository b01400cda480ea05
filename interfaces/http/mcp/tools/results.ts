const maxKept = 200;

/** Keeps what was computed from scores, which never change; those used last are kept. */
export class Results {
  readonly #kept = new Map<string, unknown>();

  /** What was computed under this name for these arguments, or else is now. */
  async of<Result>(what: readonly unknown[], compute: () => Result | Promise<Result>): Promise<Result> {
    const key = JSON.stringify(what);
    const result = (this.#kept.has(key) ? this.#kept.get(key) : await compute()) as Result;
    this.#kept.delete(key);
    this.#kept.set(key, result);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= maxKept) break;
      this.#kept.delete(oldest);
    }
    return result;
  }

  /** Forgets all; how many there were. */
  clear(): number {
    const { size } = this.#kept;
    this.#kept.clear();
    return size;
  }
}
