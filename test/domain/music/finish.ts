/** The result of work that tells its progress; the fractions it told, in order, go to `told`. */
export function finish<Result>(work: Generator<number, Result>, told: number[] = []): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    told.push(value);
  }
}
