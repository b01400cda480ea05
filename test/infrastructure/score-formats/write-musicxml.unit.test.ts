import { describe, expect, it } from "vitest";
import { readNotation } from "../../../domain/music/notation.ts";
import type { Score } from "../../../domain/music/score.ts";
import { writeMusicXml } from "../../../infrastructure/score-formats/write-musicxml.ts";

const written = (text: string) => writeMusicXml(readNotation(text));

/** What is in each measure of the first part, without what the tests do not look at. */
const measures = (text: string) =>
  [...(written(text).split("</part>")[0] ?? "").matchAll(/<measure [^>]*>(.*?)<\/measure>/g)].map(
    ([, content = ""]) =>
      content.replace(/<attributes>.*?<\/attributes>/, "").replace(/<voice>1<\/voice>/g, ""),
  );

const tags = (xml: string, name: string) =>
  [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "g"))].map((found) => found[1]);

describe("notes", () => {
  it("have the fewest divisions that hold all lengths", () => {
    expect(written("C4:w")).toContain("<divisions>1</divisions>");
    expect(written("C4:e D4:s E4:s F4:h.")).toContain("<divisions>4</divisions>");
    expect(written("{3:2 C4:e D4:e E4:e} F4:e")).toContain("<divisions>6</divisions>");
  });

  it("are split at bar lines, and tied", () => {
    const [first, second] = measures("time: 2/4\nC4:q. D4:q~ | D4:e E4:q".replace("D4:q~ |", "D4:e~ |"));
    expect(first).toContain(
      '<note><pitch><step>D</step><octave>4</octave></pitch><duration>1</duration><tie type="start"/><type>eighth</type><notations><tied type="start"/></notations></note>',
    );
    expect(
      second?.startsWith(
        '<note><pitch><step>D</step><octave>4</octave></pitch><duration>1</duration><tie type="stop"/>',
      ),
    ).toBe(true);
  });

  it("of five sixteenths are a quarter and a sixteenth", () => {
    const [content = ""] = measures("C4:q~ C4:s D4:e. E4:h");
    expect(tags(content, "type")).toEqual(["quarter", "16th", "eighth", "half"]);
    expect(content.match(/<tie /g)).toHaveLength(2);
  });

  it("of a tuplet have its ratio and one bracket", () => {
    const [content = ""] = measures("{3:2 C4:e D4:e E4:e} {5:4 F4:s G4:s A4:s B4:s C5:s} D5:h");
    expect(tags(content, "actual-notes")).toEqual(["3", "3", "3", "5", "5", "5", "5", "5"]);
    expect([...content.matchAll(/<tuplet type="(\w+)"/g)].map((found) => found[1])).toEqual([
      "start",
      "stop",
      "start",
      "stop",
    ]);
  });

  it("have accidentals as alterations, and chords their mark", () => {
    const [content = ""] = measures("[Ebb4 F#4 Gx4]:w");
    expect(tags(content, "alter")).toEqual(["-2", "1", "2"]);
    expect(content.match(/<chord\/>/g)).toHaveLength(2);
  });

  it("that overlap are in voices of their own", () => {
    const score = readNotation("C4:w");
    const notes = [
      { pitch: "C4", onset: 0, duration: 40_320 },
      { pitch: "E4", onset: 20_160, duration: 10_080 },
    ];
    const xml = writeMusicXml({ ...score, parts: [{ name: "Piano", notes }] });
    expect(xml).toContain("<backup><duration>4</duration></backup><forward><duration>2</duration></forward>");
    expect(tags(xml, "voice")).toEqual(["1", "2"]);
  });

  it("are rests where there are none", () => {
    expect(measures("C4:q r:h. | r:w | r:h D4:h")).toEqual([
      expect.stringContaining("<note><rest/><duration>3</duration><type>half</type><dot/></note>"),
      '<note><rest measure="yes"/><duration>4</duration></note>',
      expect.stringContaining("<note><rest/><duration>2</duration><type>half</type></note>"),
    ]);
  });
});

it("an upbeat is no measure of its own", () => {
  expect(written("upbeat: q\nC4:q | D4:w")).toContain('<measure number="0" implicit="yes">');
});

it("text cannot become markup, and what XML has no place for is left out", () => {
  const score: Score = { ...readNotation("C4:w"), title: `</work-title><x a="1">&'\u0001\uD800` };
  const xml = writeMusicXml(score);
  expect(xml).toContain(
    "<work-title>&lt;/work-title&gt;&lt;x a=&quot;1&quot;&gt;&amp;&apos; \uFFFD</work-title>",
  );
});

it("a score that would become far too long is refused", () => {
  const score = readNotation("C4:w");
  const end = 40_320 * 2_000;
  const notes = Array.from({ length: 100 }, () => ({ pitch: "C4", onset: 0, duration: end }));
  const all = Array.from({ length: 2_000 }, (_, index) => ({
    number: `${index + 1}`,
    onset: index * 40_320,
    duration: 40_320,
  }));
  expect(() => writeMusicXml({ ...score, measures: all, parts: [{ name: "Organ", notes }] })).toThrow(
    "The score is too large to be written as MusicXML.",
  );
});

it.each(["C", "H4", "C#b4", "C12"])("the pitch %s cannot be written", (pitch) => {
  const score = readNotation("C4:w");
  const notes = [{ pitch, onset: 0, duration: 40_320 }];
  expect(() => writeMusicXml({ ...score, parts: [{ name: "x", notes }] })).toThrow(/pitch/);
});
