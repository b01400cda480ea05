const day = /^\d{4}-\d{2}-\d{2}$/;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** How a moment is written, for whoever wrote it otherwise. */
export const momentForm =
  "a time with its zone, such as 2026-03-01T14:03Z or 2026-03-01T15:03+01:00, or a day";

/** Whether there is such a day: `Date` takes the 30th of February for the 2nd of March. */
const isDay = (text: string): boolean => new Date(`${text}T00:00Z`).toJSON()?.startsWith(text) ?? false;

/** A moment in epoch milliseconds; a day alone is its midnight UTC. Undefined for all else: a time of day needs its zone. */
export function momentOf(text: string): number | undefined {
  const time = day.test(text) || instant.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) || !isDay(text.slice(0, 10)) ? undefined : time;
}
