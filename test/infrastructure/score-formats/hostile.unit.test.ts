import { describe, expect, it } from "vitest";
import { Declined } from "../../../domain/music/score.ts";
import { readScore } from "../../../infrastructure/score-formats/read-score.ts";
import { writeMusicXml } from "../../../infrastructure/score-formats/write-musicxml.ts";

/** As much of it as one text may hold. */
const fill = (text: string, characters = 960_000) => text.repeat(Math.floor(characters / text.length));
const most = 240_000;
const times = (count: number, textOf: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => textOf(index)).join("");
const inMeasure = (content: string) =>
  `<score-partwise><part id="P1"><measure number="1">${content}</measure></part></score-partwise>`;
/** Notes that overlap those before them and end later: each needs a voice of its own. */
const heldFrom = () => `${noteHead("<duration>100</duration>")}<backup><duration>99</duration></backup>`;
/** As many notes and measures as there may be, all of long names, and some tempos with long texts. */
const largest = (tempos: number) =>
  `K:C\nL:1/16\n${times(2_000, (index) => `${index < tempos ? `[Q:"${"\u00e9".repeat(250)}" 1/4=100.333]` : ""}__C__D__E__F__G|`)}`;
const noteHead = (more: string) => `<note><pitch><step>C</step><octave>4</octave></pitch>${more}</note>`;

const inScore = (more: string) =>
  `<score-partwise>${more}<part id="P1"><measure>${noteHead("<duration>1</duration>")}</measure></part></score-partwise>`;
const inMeasures = (content: string, count: number) =>
  `<score-partwise><part>${`<measure>${content}</measure>`.repeat(count)}</part></score-partwise>`;
const ofTicks = (ticks: number) =>
  `<attributes><divisions>10080</divisions></attributes>${noteHead(`<duration>${ticks}</duration>`)}`;
const withBackup = `${noteHead("<duration>1</duration>")}<backup><duration>1</duration></backup>`;
const voices = times(64, (index) => `V:${index}\n`);
const inVoices = times(64, (index) => `V:${index}\nC\n`);
const held = (chord: string) => `[${chord}]:w${`~ [${chord}]:w`.repeat(1_950)}`;
const musicXmlOf = (text: string) =>
  `<score-partwise><work><work-title>x${text}</work-title></work><identification><creator type="composer">x${text}</creator></identification><part-list><score-part id="P1"><part-name>x${text}</part-name></score-part></part-list><part id="P1"><measure number="x${text}"><direction><direction-type><words>x${text}</words></direction-type><sound tempo="90"/></direction>${noteHead("<duration>1</duration>")}</measure></part></score-partwise>`;
/** On a quiet machine 100 are enough; what is not linear takes minutes. */
const patience = 1_500;
/** Of this thread's own work, whatever else the machine does. */
const milliseconds = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

it.each([
  ["more than a million characters", " ".repeat(1_000_001), /empty|longer/],
  ["nothing", " \n", /empty/],
  ["NUL characters", "C4:q\0", /NUL/],
  [
    "a billion laughs",
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><score-partwise>&b;</score-partwise>',
    /DOCTYPE/,
  ],
  [
    "an external entity",
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><score-partwise>&a;</score-partwise>',
    /DOCTYPE/,
  ],
  ["a parameter entity", '<!DOCTYPE x SYSTEM "http://a.test/x.dtd" [%x;]><score-partwise/>', /DOCTYPE/],
  ["a late entity", '<score-partwise><!ENTITY a "ha"></score-partwise>', /Entity declarations/],
  ["deep nesting", `<score-partwise>${fill("<a>")}`, /nested deeper than 32/],
  ["tags that do not match", `<score-partwise>${fill("<a></b>")}`, /does not match/],
  ["a tag that never ends", `<score-partwise ${fill('a="1" ')}`, /broken tag/],
  ["an open quote", `<score-partwise a="${fill("x")}`, /broken tag/],
  ["an open comment", `<score-partwise>${fill("<!--")}`, /no '-->'/],
  ["entities without end", `<score-partwise>${fill("&#x")}</score-partwise>`, /no notes/],
  ["rests only", inMeasure(times(30_000, () => "<note><rest/></note>")), /no notes/],
  [
    "elements where none belong",
    inMeasure(`<note><notations>${"<slur/>".repeat(70_000)}</notations></note>`),
    /no notes/,
  ],
  ["many parts", `<score-partwise>${"<part/>".repeat(70_000)}</score-partwise>`, /parts; 64/],
  [
    "many measures",
    `<score-partwise><part>${"<measure/>".repeat(70_000)}</part></score-partwise>`,
    /2000 measures/,
  ],
  ["an endless measure", inMeasure(noteHead("<duration>999999999</duration>")), /1,000 quarter notes/],
  ["many notes", inMeasure(noteHead("<chord/><duration>1</duration>").repeat(10_500)), /notes; 10000/],
  ["far too many elements", inMeasure(fill("<a/>")), /80,000 elements/],
  ["many ties of one pitch", `K:C\nC-${fill("&C-", 30_000)}`, /Too many ties/],
  ["a long text of another format", fill("C4:q "), /250,000 characters/],
  ["a long header", `${"M:4/4\n".repeat(101)}K:C\nC`, /100 fields before the music/],
  ["a long field", `K:C ${fill("^c ", 2_100)}\nC`, /2000 characters/],
  ["a long voice field", `V:1 name="${fill("a", 2_100)}"\nK:C\nC`, /2000 characters/],
  ["a chord of many notes", `K:C\n[${"C".repeat(101)}]`, /more than 100 notes in a chord/],
  ["many voices", inMeasure(times(17, heldFrom)), /more than 16 notes/],
  ["many signatures", `K:C\n${"[K:G]z/[K:F]z/".repeat(999)}[K:D]z[K:A]z[K:E]C`, /2000/],
  [
    "rests of many measures in many parts",
    `K:C\n${times(64, (index) => `V:${index}\nZ1999|C|\n`)}`,
    /too large to be written/,
  ],
  [
    "notes of many measures",
    held("C4 D4 E4 F4 G4 A4 B4 C5 D5 E5 F5 G5 A5 B5 C6 D6"),
    /too large to be written/,
  ],
  ["measures, names and notes that fill all", largest(400), /too large to be kept/],
  ["rests of many measures", `K:C\n${fill("Z9999|", 9000)}C`, /2000 measures/],
  ["ABC of open quotes and brackets", `K:C\n${fill('[a"!', most)}`, /expected a note of the chord/],
  ["ABC of tuplets", `K:C\n${fill("(3", most)}`, /no notes/],
  ["ABC of digits", `K:C\nC${fill("9", most)}`, /neither nothing nor endless/],
  ["ABC of ties that lead nowhere", `K:C\n${fill("C- D-|", most)}`, /2000 measures/],
  ["ABC of overlays", `K:C\nC${fill("&C", most)}`, /more than 20000 notes/],
  ["ABC of fields", fill("K:C\n", most), /more than 2000 fields/],
  ["a note list of parts", fill("part:\nC4:t\n", most), /parts; 64/],
  ["a note list of short measures", `time: 1/64\n${fill("C4:w ", most)}`, /2000 measures/],
])("refuses %s soon and in one sentence", (_, text, message) => {
  const start = milliseconds();
  let refusal: unknown;
  try {
    readScore(text);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(Declined);
  expect((refusal as Declined).message).toMatch(message);
  expect((refusal as Declined).message).toMatch(/^[^\n]{1,200}\.$/);
  expect(milliseconds() - start).toBeLessThan(patience);
});

it.each([
  ["many words in the key, and 64 voices", `${voices}K:C ${"^c ".repeat(600)}\n${inVoices}`],
  ["many fields that are not used, and 64 voices", `${fill("N:C\n", 200_000)}${voices}K:C\n${inVoices}`],
  ["many beats of the tempo, and 64 voices", `Q:${"1/4 ".repeat(450)}=1\n${voices}K:C\n${inVoices}`],
  ["many changes of the key", `K:C\n${"[K:G]".repeat(1_990)}C`],
  ["many ties at one chord", `K:C\n[${"C".repeat(32)}]${fill("-", most)}`],
  ["many decorations", `K:C\n${fill("~", most)}C`],
  ["many empty lines", `${fill("\n", most)}C4:q`],
  [
    "notes that overlap, and empty measures",
    `<score-partwise><part><measure>${withBackup.repeat(6_000)}</measure>${"<measure/>".repeat(1_900)}</part></score-partwise>`,
  ],
  [
    "16 voices, and empty measures",
    `<score-partwise><part><measure>${times(16, heldFrom)}</measure>${"<measure/>".repeat(1_900)}</part></score-partwise>`,
  ],
  [
    "many empty measures of many parts",
    `<score-partwise>${times(14, () => `<part>${"<measure/>".repeat(1_999)}<measure>${noteHead("<duration>1</duration>")}</measure></part>`)}</score-partwise>`,
  ],
  ["long notes of no written length", inMeasures(`${ofTicks(40_319)}${ofTicks(1)}`, 1_900)],
  ["notes held for long", held("C4 E4 G4 C5 E5 G5 C6 E6 G6 C7")],
  [
    "short notes of many parts",
    `time: 1/64\n${times(28, (index) => `part: ${index}\n${"C4:t ".repeat(300)}\n`)}`,
  ],
  ["titles without end", inScore(`<work><work-title>${fill("&amp;")}</work-title></work>`)],
  ["as much as there may be", largest(60)],
])("reads and writes %s soon", (_, text) => {
  const start = milliseconds();
  const { score } = readScore(text);
  const read = milliseconds();
  const xml = writeMusicXml(score);
  const written = milliseconds();
  expect(xml.match(/<note>|<forward>/g)?.length).toBeLessThanOrEqual(30_000);
  expect(
    Math.max(...[...xml.matchAll(/<voice>(\d+)</g)].map((found) => Number(found[1]))),
  ).toBeLessThanOrEqual(16);
  expect(Buffer.byteLength(JSON.stringify(score))).toBeLessThan(700_000);
  expect(read - start).toBeLessThan(patience);
  expect(written - read).toBeLessThan(patience);
});

it("keeps nearly as much as an event may hold", () => {
  const { score } = readScore(largest(60));
  expect(score.parts[0]?.notes).toHaveLength(10_000);
  expect(score.measures).toHaveLength(2_000);
  expect(JSON.stringify(score).length).toBeGreaterThan(600_000);
});

describe("no text of a score is long", () => {
  const long = "\u{1d11e}".repeat(300);
  const cut = "\u{1d11e}".repeat(100);

  it.each([
    ["MusicXML", musicXmlOf(long)],
    ["ABC", `T:x${long}\nC:x${long}\nV:1 name="x${long}"\nQ:"x${long}" 1/4=90\nK:C\nC`],
  ])("in %s", (_, text) => {
    const { score } = readScore(text);
    const whole = `x${cut.slice(0, -2)}`;
    expect([score.title, score.composer, score.parts[0]?.name, score.tempos[0]?.text]).toEqual([
      whole,
      whole,
      whole,
      whole,
    ]);
    expect(score.measures[0]?.number.length).toBeLessThanOrEqual(20);
  });
});
