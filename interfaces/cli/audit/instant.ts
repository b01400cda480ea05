import { InvalidArgumentError } from "commander";
import { momentForm, momentOf } from "../../audit/moment.ts";

/** A moment as it is typed, in epoch milliseconds. */
export function parseInstant(text: string): number {
  const time = momentOf(text);
  if (time === undefined) throw new InvalidArgumentError(`It must be ${momentForm}.`);
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
    throw new InvalidArgumentError("It must be a whole number from 1 to 1000000.");
  return Number(text);
}
