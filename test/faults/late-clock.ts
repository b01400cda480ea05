/**
 * `node --import` this: the process believes that it is later than it is, by 30 s or TEST_CLOCK_AHEAD (ms; earlier where
 * negative). Its monotonic clock is right.
 */
const ahead = Number(process.env.TEST_CLOCK_AHEAD ?? 30_000);
const RealDate = Date;
const now = (): number => RealDate.now() + ahead;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args) => Reflect.construct(target, args.length === 0 ? [now()] : args),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});
