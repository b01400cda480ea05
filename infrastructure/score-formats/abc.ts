import { Cursor, declinedAt } from "../../domain/music/notation-cursor.ts";
import { shortened } from "../../domain/music/notation-text.ts";
import { Declined, type Measure, type Score } from "../../domain/music/score.ts";
import { wholeNote } from "./abc-fields.ts";
import { checkField, checkFieldCount, type Field, readHeader, saysNotes } from "./abc-header.ts";
import { AbcVoice } from "./abc-voice.ts";
import { checkParts } from "./limits.ts";
import { joinTies } from "./ties.ts";

interface Declaration {
  name?: string;
  octave?: number;
}

/**
 * One tune in ABC 2.1. Repeats are not played out; grace notes, decorations, chord symbols and words are left out.
 * @throws {Declined} with line, column and what was expected
 */
export function readAbc(text: string): Score {
  const tune = new AbcTune();
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) tune.readLine(line, index + 1);
  return tune.score();
}

class AbcTune {
  #title: string | undefined;
  #composer: string | undefined;
  readonly #fields: Field[] = [];
  #fieldCount = 0;
  /** What each voice begins with; undefined before the music. */
  #header: AbcVoice | undefined;
  readonly #declared = new Map<string, Declaration>();
  readonly #voices = new Map<string, AbcVoice>();
  #current: string | undefined;
  #started = false;

  readLine(line: string, number: number): void {
    const music = line.split("%", 1)[0] ?? "";
    if (music.trim() === "") return;
    const [, letter, text = ""] = /^\s*([A-Za-z]):(?!\|)(.*)$/.exec(music) ?? [];
    if (letter !== undefined) this.#field({ letter, text, place: { line: number, column: 1 } });
    else if (this.#header) this.#music(music, number);
    else if (!music.startsWith("+:"))
      throw declinedAt({ line: number, column: 1 }, "expected the field K: before the music");
  }

  score(): Score {
    if (!this.#header) throw new Declined("The ABC has no field K:, behind which its music begins.");
    const voices = [...this.#voices.entries()];
    for (const [, voice] of voices) voice.finish();
    const first = voices[0]?.[1];
    const tempos = voices.flatMap(([, voice]) => voice.tempos).sort((a, b) => a.onset - b.onset);
    const times = first?.times ?? [];
    return {
      title: this.#title || "Untitled",
      ...(this.#composer ? { composer: this.#composer } : {}),
      parts: voices.map(([id, { heads }]) => ({ name: this.#nameOf(id), notes: joinTies(heads) })),
      measures: measuresOf(voices),
      timeSignatures: times[0]?.onset === 0 ? times : [{ onset: 0, beats: 4, beatType: 4 }, ...times],
      keySignatures: first?.keys ?? [],
      tempos: tempos.filter(({ onset }, index) => index === 0 || onset !== tempos[index - 1]?.onset),
    };
  }

  #field(field: Field): void {
    const { letter, text, place } = field;
    if (letter === "X" && this.#started) throw declinedAt(place, "expected one tune, found a second X:");
    if (letter === "m") throw declinedAt(place, "macros (m:) are not accepted");
    this.#started = true;
    if (letter === "T") this.#title ??= shortened(text.trim());
    else if (letter === "C") this.#composer ??= shortened(text.trim());
    else this.#musicField(field);
  }

  /** A field that stands on a line of its own or in the music. */
  #musicField(field: Field): void {
    const { letter, text, place } = field;
    if (letter === "V") this.#select(field);
    if (!saysNotes(letter)) return;
    checkField(field);
    this.#fieldCount += 1;
    checkFieldCount(this.#fieldCount, this.#header !== undefined, place);
    if (this.#header) this.#voice().field(letter, text, place);
    else this.#fields.push(field);
    if (letter === "K") this.#header ??= readHeader(this.#fields);
  }

  #music(line: string, number: number): void {
    const cursor = new Cursor(line, number);
    while (!cursor.atEnd) {
      const { place } = cursor;
      const inline = cursor.take(/\[[A-Za-z]:[^\]]*\]/y);
      if (inline) this.#musicField({ letter: inline.charAt(1), text: inline.slice(3, -1), place });
      else this.#voice().readToken(cursor);
      cursor.skipSpace();
    }
  }

  #select(field: Field): void {
    checkField(field);
    const { text, place } = field;
    const [id = "1"] = text.trim().split(/\s/, 1);
    if (/\btranspose=/.test(text)) throw declinedAt(place, "transposed voices are not accepted");
    const declaration = this.#declared.get(id) ?? {};
    const name = /\b(?:name|nm)="([^"]*)"/.exec(text)?.[1] ?? /\b(?:name|nm)=([^\s"]+)/.exec(text)?.[1];
    const octave = /\boctave=(-?\d)/.exec(text)?.[1];
    if (name?.trim()) declaration.name = name.trim();
    if (octave) declaration.octave = Number(octave);
    this.#declared.set(id, declaration);
    checkParts(this.#declared.size);
    if (this.#header) this.#current = id;
  }

  #voice(): AbcVoice {
    this.#current ??= this.#declared.keys().next().value ?? "1";
    const known = this.#voices.get(this.#current);
    if (known) return known;
    const voice = new AbcVoice(this.#declared.get(this.#current)?.octave, this.#header);
    this.#voices.set(this.#current, voice);
    return voice;
  }

  #nameOf(id: string): string {
    const plain = this.#voices.size === 1 ? "Melody" : `Voice ${shortened(id, 30)}`;
    return shortened(this.#declared.get(id)?.name ?? plain);
  }
}

/** @throws {Declined} where the voices do not agree on them */
function measuresOf(voices: readonly (readonly [string, AbcVoice])[]): Measure[] {
  const longest = voices.reduce<AbcVoice["measures"]>(
    (found, [, { measures }]) => (measures.length > found.length ? measures : found),
    [],
  );
  for (const [id, { measures }] of voices)
    for (const [index, { duration }] of measures.entries())
      if (duration !== longest[index]?.duration)
        throw new Declined(
          `Measure ${index + 1} of voice ${shortened(id, 30)} is not as long as in other voices.`,
        );
  const { beats, beatType } = voices[0]?.[1].times[0] ?? { beats: 4, beatType: 4 };
  const upbeat = longest.length > 1 && (longest[0]?.duration ?? 0) < (beats * wholeNote) / beatType;
  return longest.map((measure, index) => ({ number: String(index + (upbeat ? 0 : 1)), ...measure }));
}
