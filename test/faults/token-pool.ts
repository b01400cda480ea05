import { pick, type Random } from "./random.ts";

const most = 300;

/** Access tokens that clients hold: some that live as far as they know, some that they were told are dead. */
export class TokenPool {
  readonly #living: string[] = [];
  readonly #dead: string[] = [];

  add(token: string): void {
    this.#living.push(token);
    if (this.#living.length > most) this.#living.shift();
  }

  /** These were answered to be dead. */
  bury(tokens: readonly string[]): void {
    this.#dead.push(...tokens);
    this.#dead.splice(0, this.#dead.length - most);
  }

  living(random: Random): string | undefined {
    return this.#living.length === 0 ? undefined : pick(random, this.#living);
  }

  dead(random: Random): string | undefined {
    return this.#dead.length === 0 ? undefined : pick(random, this.#dead);
  }

  get allDead(): readonly string[] {
    return this.#dead;
  }
}
