import { readNotation } from "../../domain/music/notation.ts";
import { Declined, type Score } from "../../domain/music/score.ts";
import { readAbc } from "./abc.ts";
import { checkScore, checkText } from "./limits.ts";
import { readMusicXml } from "./musicxml.ts";

type Format = "musicxml" | "abc" | "notes";

const readers: Readonly<Record<Format, (text: string) => Score>> = {
  musicxml: readMusicXml,
  abc: readAbc,
  notes: readNotation,
};

/**
 * Music from text: MusicXML, ABC or a list of notes; which one is told by the text unless it is said.
 * @throws {Declined} with one sentence, for a text that cannot be read or is too large: more than 1,000,000
 * characters of MusicXML or 250,000 of another format, 64 parts, 2,000 measures, 10,000 notes, or 30,000 signs
 */
export function readScore(
  text: string,
  { format = "auto" }: { readonly format?: Format | "auto" } = {},
): { score: Score; format: Format } {
  const plain = text.replace(/^\uFEFF/, "");
  const chosen = format === "auto" ? formatOf(plain) : format;
  checkText(plain, chosen);
  try {
    return { score: checkScore(readers[chosen](plain)), format: chosen };
  } catch (cause) {
    if (cause instanceof Declined) throw cause;
    throw Object.assign(new Declined("The score cannot be read."), { cause });
  }
}

function formatOf(text: string): Format {
  if (text.trimStart().startsWith("<")) return "musicxml";
  return /^[XK]:/m.test(text) ? "abc" : "notes";
}
