import { leaksOf, type Place, type Secret } from "./search.ts";

interface Known extends Secret {
  /** How many outputs there were when it was noted: those after it may not show it. */
  readonly since: number;
  /** Outputs that are meant for whom the secret is. */
  readonly meantFor: RegExp | undefined;
}

/** All secrets of a run, and all that it answered and printed, in order. */
export class Ledger {
  readonly #secrets: Known[] = [];
  readonly #outputs: Place[] = [];

  /** Notes a secret once it was handed out, so that the answer which did so is not held against it. */
  secret(name: string, value: string | Buffer | null | undefined, meantFor?: RegExp): void {
    if (!value || value.length < 12) throw new Error(`${name} is no secret to search for: ${value}`);
    this.#secrets.push({ name, value, meantFor, since: this.#outputs.length });
  }

  /** Notes what was answered or printed to somebody. */
  output(name: string, bytes: Buffer | string): void {
    this.#outputs.push({ name, bytes: Buffer.from(bytes as string) });
  }

  /** Every secret found in what is left of the run, or in an answer that was not meant to hold it. */
  leaks(left: readonly Place[]): readonly string[] {
    const told = this.#secrets.flatMap((secret) =>
      leaksOf(
        [secret],
        this.#outputs.slice(secret.since).filter(({ name }) => !secret.meantFor?.test(name)),
      ),
    );
    return [...new Set([...leaksOf(this.#secrets, left), ...told])];
  }

  get names(): readonly string[] {
    return this.#secrets.map(({ name }) => name);
  }
}
