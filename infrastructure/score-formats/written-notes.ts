import { Declined } from "../../domain/music/score.ts";
import { tupletBrackets, type WrittenDuration, writtenDurations } from "./written-durations.ts";
import type { Segment } from "./written-voices.ts";

/** What one voice has in one measure, in order and without overlaps. */
export interface Line {
  readonly voice: number;
  readonly segments: readonly Segment[];
  /** Ticks from the beginning of the score. */
  readonly from: number;
  readonly gaps: "rests" | "skipped";
  /** Up to where rests are written. */
  readonly until?: number;
}

type Bracket = ReturnType<typeof tupletBrackets>[number];

interface Sign {
  readonly kind: "note" | "rest" | "measure rest" | "skip";
  readonly pitches: readonly string[];
  readonly written: WrittenDuration;
  readonly tiedToLast: boolean;
  readonly tiedToNext: boolean;
}

const silent = { pitches: [], tiedToLast: false, tiedToNext: false };

export function writeLine(line: Line, divisor: number): string {
  const signs = signsOf(line, divisor);
  const brackets = tupletBrackets(signs.map(({ written }) => written));
  return signs.map((sign, index) => writeSign(sign, line.voice, divisor, brackets[index])).join("");
}

function signsOf({ segments, from, gaps, until = from }: Line, divisor: number): Sign[] {
  if (gaps === "rests" && segments.length === 0)
    return [{ ...silent, kind: "measure rest", written: { ticks: until - from } }];
  const signs: Sign[] = [];
  let position = from;
  const fill = (to: number) => {
    if (gaps === "rests")
      for (const written of writtenDurations(to - position, divisor))
        signs.push({ ...silent, kind: "rest", written });
    else if (to > position) signs.push({ ...silent, kind: "skip", written: { ticks: to - position } });
  };
  for (const segment of segments) {
    fill(segment.onset);
    signs.push(...notesOf(segment, divisor));
    position = segment.onset + segment.duration;
  }
  fill(Math.max(position, until));
  return signs;
}

const notesOf = ({ pitches, duration, tiedToLast, tiedToNext }: Segment, divisor: number): Sign[] =>
  writtenDurations(duration, divisor).map((written, index, all) => ({
    kind: "note",
    pitches,
    written,
    tiedToLast: index > 0 || tiedToLast,
    tiedToNext: index < all.length - 1 || tiedToNext,
  }));

function writeSign(sign: Sign, voice: number, divisor: number, bracket: Bracket): string {
  const duration = `<duration>${sign.written.ticks / divisor}</duration>`;
  if (sign.kind === "skip") return `<forward>${duration}</forward>`;
  const look = writeLook(sign.written);
  const [from, to] = [sign.tiedToLast ? "stop" : "", sign.tiedToNext ? "start" : ""];
  const ties = [from, to].filter(Boolean);
  const after = `${duration}${ties.map((type) => `<tie type="${type}"/>`).join("")}<voice>${voice}</voice>${look}`;
  const curves = ties.map((type) => `<tied type="${type}"/>`).join("");
  if (sign.kind !== "note") {
    const rest = sign.kind === "rest" ? "<rest/>" : '<rest measure="yes"/>';
    return `<note>${rest}${after}${notations(bracketXml(bracket))}</note>`;
  }
  return sign.pitches
    .map((pitch, index) => {
      const marks = notations(index === 0 ? curves + bracketXml(bracket) : curves);
      return `<note>${index === 0 ? "" : "<chord/>"}${writePitch(pitch)}${after}${marks}</note>`;
    })
    .join("");
}

/** How the length is drawn; a length that no note has is left to the reader. */
function writeLook({ sign }: WrittenDuration): string {
  if (!sign) return "";
  const { type, dots, actual, normal } = sign;
  const look = `<type>${type}</type>${"<dot/>".repeat(dots)}`;
  if (actual === 1) return look;
  return `${look}<time-modification><actual-notes>${actual}</actual-notes><normal-notes>${normal}</normal-notes></time-modification>`;
}

const notations = (content: string): string => (content === "" ? "" : `<notations>${content}</notations>`);

function bracketXml(bracket: Bracket): string {
  const types = bracket === "both" ? ["start", "stop"] : bracket ? [bracket] : [];
  return types.map((type) => `<tuplet type="${type}"/>`).join("");
}

const alters: Readonly<Record<string, number>> = { bb: -2, b: -1, "#": 1, "##": 2, x: 2 };

/** @throws {Declined} for a pitch that cannot be written */
function writePitch(pitch: string): string {
  const [, step, accidental = "", octave] = /^([A-G])(bb?|##?|x)?(\d)$/.exec(pitch) ?? [];
  if (step === undefined)
    throw new Declined(`The pitch ${pitch.slice(0, 10)} cannot be written as MusicXML.`);
  const alter = accidental ? `<alter>${alters[accidental]}</alter>` : "";
  return `<pitch><step>${step}</step>${alter}<octave>${octave}</octave></pitch>`;
}
