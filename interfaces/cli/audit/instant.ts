import { InvalidArgumentError } from "commander";

const day = /^\d{4}-\d{2}-\d{2}$/;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** A moment as it is typed, in epoch milliseconds. A day alone is its midnight UTC; a time of day needs its zone. */
export function parseInstant(text: string): number {
  const time = day.test(text) || instant.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError(
      "It must be a time with its zone, such as 2026-03-01T14:03Z or 2026-03-01T15:03+01:00, or a day.",
    );
  return time;
}

/** A moment that has been. */
export function parsePast(text: string): number {
  const time = parseInstant(text);
  if (time > Date.now())
    throw new InvalidArgumentError("This moment is still to come: nothing has happened by then.");
  return time;
}

/** A number of things, from 1 to a million. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$|^1000000$/.test(text))
    throw new InvalidArgumentError("It must be a whole number from 1.");
  return Number(text);
}
