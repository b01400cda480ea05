interface Count {
  count: number;
  slowest: number;
}

/** Counts answers by kind and status, and how long the slowest took. */
export class Tally {
  readonly #counts = new Map<string, Count>();

  readonly count = (kind: string, status: number, milliseconds: number): void => {
    const name = `${kind} ${status}`;
    const before = this.#counts.get(name) ?? { count: 0, slowest: 0 };
    this.#counts.set(name, {
      count: before.count + 1,
      slowest: Math.max(before.slowest, milliseconds),
    });
  };

  of(kind: string, status: number): Readonly<Count> {
    return this.#counts.get(`${kind} ${status}`) ?? { count: 0, slowest: 0 };
  }

  /** Answers that no fault excuses: neither success nor 503 nor none at all, nor a refusal that a check explains. */
  unexpected(): readonly string[] {
    return [...this.#counts.keys()].filter((name) => !/ (0|200|503)$|^(refresh|code) 400$/.test(name));
  }

  /** Requests that were not answered, or by 5xx: where nothing is broken there are none. */
  failed(): readonly string[] {
    return [...this.#counts]
      .filter(([name]) => / (0|5\d\d)$/.test(name))
      .map(([name, { count }]) => `${name} ×${count}`);
  }

  /** One line: `introspect 200 ×812 (≤ 35 ms)`, and so on. */
  toString(): string {
    return [...this.#counts]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, { count, slowest }]) => `${name} ×${count} (≤ ${Math.round(slowest)} ms)`)
      .join(", ");
  }
}
