/** The work, whose progress is told as that from one fraction of a longer work to another. */
export function* portion<Result>(
  from: number,
  to: number,
  work: Generator<number, Result>,
): Generator<number, Result> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    yield from + value * (to - from);
  }
}
