import { describe, expect, it } from "vitest";
import { ticksPerQuarter as q } from "../../../domain/music/score.ts";
import { readScore } from "../../../infrastructure/score-formats/read-score.ts";

const document = (parts: readonly string[], head = "") => `<?xml version="1.0"?>
<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">
<score-partwise version="4.0">${head}<part-list>${parts
  .map((_, index) => `<score-part id="P${index}"><part-name>Part ${"AB"[index]}</part-name></score-part>`)
  .join(
    "",
  )}</part-list>${parts.map((part, index) => `<part id="P${index}">${part}</part>`).join("")}</score-partwise>`;

/** One part of one measure after another, with divisions of 6. */
const measures = (...contents: string[]) =>
  contents
    .map((content, index) => {
      const attributes = index === 0 ? "<attributes><divisions>6</divisions></attributes>" : "";
      return `<measure number="${index + 1}">${attributes}${content}</measure>`;
    })
    .join("");

function note(pitch: string, duration: number, { before = "", after = "" } = {}): string {
  const [, step, sign = "", octave] = /^([A-G])([#b]?)(\d)$/.exec(pitch) ?? [];
  const alter = { "#": "<alter>1</alter>", b: "<alter>-1</alter>" }[sign] ?? "";
  const written = `<pitch><step>${step}</step>${alter}<octave>${octave}</octave></pitch>`;
  return `<note>${before}${written}<duration>${duration}</duration>${after}</note>`;
}

const read = (...parts: string[]) => readScore(document(parts)).score;

const notesOf = (...parts: string[]) =>
  read(...parts).parts.map(({ notes }) =>
    notes.map(({ pitch, onset, duration }) => [pitch, onset / q, duration / q]),
  );

describe("notes", () => {
  it("of a chord begin together", () => {
    const chord =
      note("C4", 12) + note("E4", 12, { before: "<chord/>" }) + note("G4", 12, { before: "<chord/>" });
    expect(notesOf(measures(chord + note("D4", 12)))).toEqual([
      [
        ["C4", 0, 2],
        ["E4", 0, 2],
        ["G4", 0, 2],
        ["D4", 2, 2],
      ],
    ]);
  });

  it("of a second voice begin where backup and forward say", () => {
    const second = "<backup><duration>24</duration></backup><forward><duration>6</duration></forward>";
    expect(notesOf(measures(note("C5", 24) + second + note("E4", 18)))).toEqual([
      [
        ["C5", 0, 4],
        ["E4", 1, 3],
      ],
    ]);
  });

  it("that are tied are one, over bar lines, and with another voice on the same pitch", () => {
    const tie = (type: string, voice: number) => ({ after: `<tie type="${type}"/><voice>${voice}</voice>` });
    const back = "<backup><duration>24</duration></backup>";
    const first = note("C4", 24, tie("start", 1)) + back + note("C4", 24, { after: "<voice>2</voice>" });
    const second = note("C4", 12, tie("stop", 1)) + note("C4", 12, { after: "<voice>1</voice>" });
    expect(notesOf(measures(first, second))).toEqual([
      [
        ["C4", 0, 4],
        ["C4", 0, 6],
        ["C4", 6, 2],
      ],
    ]);
  });

  it("that only look tied are tied too", () => {
    const tied = (type: string) => ({ after: `<notations><tied type="${type}"/></notations>` });
    expect(notesOf(measures(note("C4", 24, tied("start")), note("C4", 6, tied("stop"))))).toEqual([
      [["C4", 0, 5]],
    ]);
  });

  it("of a triplet are exact", () => {
    const [part] = read(measures(note("C4", 2) + note("D4", 2) + note("E4", 2))).parts;
    expect(part?.notes.map(({ onset, duration }) => [onset, duration])).toEqual([
      [0, 3360],
      [3360, 3360],
      [6720, 3360],
    ]);
  });

  it("for grace and cue are left out", () => {
    const grace = "<note><grace/><pitch><step>D</step><octave>4</octave></pitch></note>";
    const cue = note("A5", 6, { before: "<cue/>" });
    expect(notesOf(measures(grace + note("C4", 6) + cue + note("E4", 6)))).toEqual([
      [
        ["C4", 0, 1],
        ["E4", 2, 1],
      ],
    ]);
  });

  it("of a clarinet in B flat sound a whole tone lower, with the signature", () => {
    const attributes =
      "<attributes><divisions>1</divisions><key><fifths>2</fifths><mode>major</mode></key>" +
      "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose></attributes>";
    const score = read(`<measure number="1">${attributes}${note("D5", 1)}${note("F#5", 1)}</measure>`);
    expect(score.parts[0]?.notes.map(({ pitch }) => pitch)).toEqual(["C5", "E5"]);
    expect(score.keySignatures).toEqual([{ onset: 0, fifths: 0, mode: "major" }]);
  });

  it("of a horn in F sound a fifth lower where only the semitones are said", () => {
    const transpose =
      "<attributes><divisions>1</divisions><transpose><chromatic>-7</chromatic></transpose></attributes>";
    expect(notesOf(`<measure number="1">${transpose}${note("C#5", 1)}</measure>`)).toEqual([[["F#4", 0, 1]]]);
  });
});

describe("what is around the notes", () => {
  it("titles, creators and part names, with their entities", () => {
    const head =
      "<work><work-title>Tom &amp; J&#xE9;r&#244;me</work-title></work>" +
      '<identification><creator type="lyricist">X</creator><creator type="composer">Y</creator></identification>';
    const { score, format } = readScore(document([measures(note("C4", 24))], head));
    expect(format).toBe("musicxml");
    expect(score).toMatchObject({ title: "Tom & Jérôme", composer: "Y", parts: [{ name: "Part A" }] });
  });

  it("an upbeat, an empty measure, and a part that ends early", () => {
    const rest = '<note><rest measure="yes"/><duration>24</duration></note>';
    const score = read(measures(note("G4", 6), note("C5", 24), "", rest), measures(note("E4", 6)));
    expect(score.measures.map(({ duration }) => duration / q)).toEqual([1, 4, 4, 4]);
    expect(score.parts[1]?.notes).toHaveLength(1);
  });

  it("changes of signature in the middle, once each", () => {
    const time = "<time><beats>3</beats><beat-type>4</beat-type></time>";
    const key = (fifths: number) => `<attributes><key><fifths>${fifths}</fifths></key>${time}</attributes>`;
    const score = read(measures(key(0) + note("C4", 18), key(0) + note("C4", 6) + key(3) + note("C4", 12)));
    expect(score.keySignatures).toEqual([
      { onset: 0, fifths: 0 },
      { onset: 4 * q, fifths: 3 },
    ]);
    expect(score.timeSignatures).toEqual([{ onset: 0, beats: 3, beatType: 4 }]);
  });

  it("an additive meter as its sum", () => {
    const time = "<time><beats>3+2</beats><beat-type>8</beat-type></time>";
    const score = read(measures(`<attributes>${time}</attributes>${note("C4", 15)}`));
    expect(score.timeSignatures).toEqual([{ onset: 0, beats: 5, beatType: 8 }]);
  });

  it("a tempo in dotted quarters, and one that is only heard", () => {
    const printed =
      "<direction><direction-type><words>Allegro</words></direction-type><direction-type><metronome><beat-unit>quarter" +
      "</beat-unit><beat-unit-dot/><per-minute>60</per-minute></metronome></direction-type></direction>";
    const score = read(measures(`${printed}${note("C4", 12)}<sound tempo="72.5"/>${note("C4", 12)}`));
    expect(score.tempos).toEqual([
      { onset: 0, bpm: 90, text: "Allegro" },
      { onset: 2 * q, bpm: 72.5 },
    ]);
  });
});

describe("what is refused", () => {
  it.each([
    [measures(note("C4", 6, { before: "<grace>" })), /line 3 has a closing tag that does not match/],
    [
      measures("<note><pitch><step>C</step><octave>4</octave></pitch><duration>1.5</duration></note>"),
      /not a whole number/,
    ],
    [measures("<backup><duration>6</duration></backup>"), /A backup goes back to before its measure/],
    [measures(note("C4", 6).replace("<octave>", "<alter>0.5</alter><octave>")), /Quarter tones/],
    [measures(note("C4", 6).replace("C<", "H<")), /A pitch is not a letter A to G/],
    [measures(note("C4", 6001)), /A measure is longer than 1,000 quarter notes/],
    [measures("<attributes><divisions>0</divisions></attributes>"), /divisions/],
    [measures("<attributes><key><fifths>9</fifths></key></attributes>"), /seven/],
    [
      measures("<attributes><time><beats>x</beats><beat-type>4</beat-type></time></attributes>"),
      /time signature x\/4/,
    ],
  ])("%#", (part, message) => {
    expect(() => read(part)).toThrow(
      expect.objectContaining({ name: "Declined", message: expect.stringMatching(message) }),
    );
  });

  it.each([
    ["<score-timewise/>", /score-timewise/],
    ["<html></html>", /its root is not score-partwise/],
    ["<score-partwise/><score-partwise/>", /more after the end/],
  ])("%s", (text, message) => {
    expect(() => readScore(text)).toThrow(message);
  });
});
