import { expect, it } from "vitest";
import { Declined } from "../../../domain/music/score.ts";
import { readScore } from "../../../infrastructure/score-formats/read-score.ts";

/** As much of it as one text may hold. */
const fill = (text: string, characters = 960_000) => text.repeat(Math.floor(characters / text.length));
const inMeasure = (content: string) =>
  `<score-partwise><part id="P1"><measure number="1">${content}</measure></part></score-partwise>`;
const noteHead = (more: string) => `<note><pitch><step>C</step><octave>4</octave></pitch>${more}</note>`;

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
  ["rests only", inMeasure(fill("<note><rest/></note>")), /no notes/],
  [
    "elements where none belong",
    inMeasure(`<note><notations>${fill("<slur/>")}</notations></note>`),
    /no notes/,
  ],
  ["many parts", `<score-partwise>${fill("<part/>")}</score-partwise>`, /parts; 64/],
  ["many measures", `<score-partwise><part>${fill("<measure/>")}</part></score-partwise>`, /2000 measures/],
  ["an endless measure", inMeasure(noteHead("<duration>999999999</duration>")), /1,000 quarter notes/],
  ["many notes", inMeasure(fill(noteHead("<chord/><duration>1</duration>"))), /notes; 10000/],
  ["rests of many measures", `K:C\n${fill("Z9999|", 9000)}C`, /2000 measures/],
  ["ABC of open quotes and brackets", `K:C\n${fill('[a"!')}`, /expected a note of the chord/],
  ["ABC of tuplets", `K:C\n${fill("(3")}`, /no notes/],
  ["ABC of digits", `K:C\nC${fill("9")}`, /neither nothing nor endless/],
  ["ABC of ties that lead nowhere", `K:C\n${fill("C- D-|")}`, /2000 measures/],
  ["ABC of overlays", `K:C\nC${fill("&C")}`, /more than 20000 notes/],
  ["ABC of fields", fill("K:C\n"), /no notes/],
  ["a note list of parts", fill("part:\nC4:t\n"), /parts; 64/],
  ["a note list of short measures", `time: 1/64\n${fill("C4:w ")}`, /2000 measures/],
])("refuses %s soon and in one sentence", (_, text, message) => {
  const start = performance.now();
  let refusal: unknown;
  try {
    readScore(text);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(Declined);
  expect((refusal as Declined).message).toMatch(message);
  expect((refusal as Declined).message).toMatch(/^[^\n]{1,200}\.$/);
  // A few hundred milliseconds; what is not linear takes minutes.
  expect(performance.now() - start).toBeLessThan(5_000);
});
