import { Declined } from "../../domain/music/score.ts";
import { tupletBrackets, type WrittenDuration } from "./written-durations.ts";
import type { Sign } from "./written-signs.ts";

type Bracket = ReturnType<typeof tupletBrackets>[number];

/** The notes and rests that one voice has in one measure. */
export function writeLine(signs: readonly Sign[], voice: number, divisor: number): string {
  const brackets = tupletBrackets(signs.map(({ written }) => written));
  return signs.map((sign, index) => writeSign(sign, voice, divisor, brackets[index])).join("");
}

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
