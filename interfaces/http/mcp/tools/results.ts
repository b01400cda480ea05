const maxKept = 200;

/** Keeps what was computed from scores, which never change; those used last are kept. */
export class Results {
  readonly #kept = new Map<string, Promise<unknown>>();

  /** What was computed under this name for these arguments, or else is now. */
  async of<Result>(what: readonly unknown[], compute: () => Result | Promise<Result>): Promise<Result> {
    const key = JSON.stringify(what);
    const shared = this.#kept.get(key);
    const result = (shared ?? Promise.resolve().then(compute)) as Promise<Result>;
    this.#kept.delete(key);
    this.#kept.set(key, result);
    result.catch(() => this.#kept.delete(key));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= maxKept) break;
      this.#kept.delete(oldest);
    }
    // Whoever began it may have gone, and ended it.
    return await (shared === undefined ? result : result.catch(compute));
  }

  /** Forgets all; how many there were. */
  clear(): number {
    const { size } = this.#kept;
    this.#kept.clear();
    return size;
  }
}
