/** How a length is written: MusicXML's note type, its dots, and its tuplet, such as 3 notes in the time of 2. */
export interface WrittenDuration {
  readonly ticks: number;
  /** Missing where no note sign has this length. */
  readonly sign?: {
    readonly type: string;
    readonly dots: number;
    readonly actual: number;
    readonly normal: number;
  };
}

const breve = 80_640;
const types = ["breve", "whole", "half", "quarter", "eighth", "16th", "32nd", "64th", "128th", "256th"];
const ratios: readonly (readonly [number, number])[] = [
  [1, 1],
  [3, 2],
  [5, 4],
  [7, 4],
  [9, 8],
  [15, 8],
];

const signs = new Map<number, WrittenDuration>();
for (const [actual, normal] of ratios)
  for (const dots of [0, 1, 2])
    for (const [power, type] of types.entries()) {
      const ticks = (((breve / 2 ** power) * (2 - 1 / 2 ** dots)) / actual) * normal;
      if (Number.isInteger(ticks) && !signs.has(ticks))
        signs.set(ticks, { ticks, sign: { type, dots, actual, normal } });
    }

/** The notes that are tied to make up a length in ticks; all are multiples of the divisor, as the length is. */
export function writtenDurations(ticks: number, divisor: number): WrittenDuration[] {
  const written: WrittenDuration[] = [];
  let rest = ticks;
  while (rest > 0) {
    const next = signs.get(rest) ?? longestBelow(rest, divisor) ?? { ticks: rest };
    written.push(next);
    rest -= next.ticks;
  }
  return written;
}

/** The longest plain note that is shorter. */
function longestBelow(ticks: number, divisor: number): WrittenDuration | undefined {
  const power = types.findIndex(
    (_, index) => breve / 2 ** index < ticks && (breve / 2 ** index) % divisor === 0,
  );
  return power === -1 ? undefined : signs.get(breve / 2 ** power);
}

/** Where the brackets of tuplets begin and end in a line of notes; each is closed once its length is a plain note's. */
export function tupletBrackets(line: readonly WrittenDuration[]): ("start" | "stop" | "both" | undefined)[] {
  const brackets: ("start" | "stop" | "both" | undefined)[] = [];
  let sum = 0;
  for (const [index, { ticks, sign }] of line.entries()) {
    if (!sign || sign.actual === 1) {
      brackets.push(undefined);
      continue;
    }
    const starts = sum === 0;
    sum += ticks;
    const whole = signs.get(sum)?.sign;
    const next = line[index + 1]?.sign;
    const stops = (whole?.actual === 1 && whole.dots === 0) || next?.actual !== sign.actual;
    brackets.push(starts && stops ? "both" : starts ? "start" : stops ? "stop" : undefined);
    if (stops) sum = 0;
  }
  return brackets;
}
