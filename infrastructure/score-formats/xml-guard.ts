import { Declined } from "../../domain/music/score.ts";

const maxDepth = 32;
/** A text of 1,000,000 characters that says notes has fewer. */
const maxElements = 80_000;

const opening = /<([A-Za-z_][\w.:-]*)/y;
const attribute = /\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*')/y;
const tagEnd = /\s*(\/?)>/y;
const closing = /<\/([A-Za-z_][\w.:-]*)\s*>/y;
/** Of these the parser keeps what comes before a decimal point, and no more. */
const wholeNumbers = new Set(["duration", "divisions"]);

interface Element {
  readonly name: string;
  readonly contentStart: number;
}

/**
 * Lets through well-formed XML of a bounded depth and number of elements whose root is `score-partwise`, in linear time: the parser of
 * MusicXML behind it accepts anything, and takes long over tags that do not match.
 * @throws {Declined}
 */
export function guardXml(xml: string): void {
  const open: Element[] = [];
  let index = 0;
  let roots = 0;
  let elements = 0;
  while (index < xml.length) {
    const start = xml.indexOf("<", index);
    const text = xml.slice(index, start === -1 ? xml.length : start);
    if (open.length === 0 && text.trim() !== "") throw malformed(xml, index, "text outside of the score");
    if (start === -1) break;
    if (xml.startsWith("<!", start) || xml.startsWith("<?", start)) index = skipMarkup(xml, start, roots > 0);
    else if (xml.startsWith("</", start)) index = close(xml, start, open.pop());
    else {
      if (open.length === 0) checkRoot(xml, start, ++roots);
      index = openElement(xml, start, open);
      elements += 1;
      if (elements > maxElements) throw new Declined("The XML has more than 80,000 elements.");
    }
  }
  if (open.length > 0 || roots === 0)
    throw malformed(xml, xml.length, "the end of the text inside the score");
}

function skipMarkup(xml: string, start: number, inRoot: boolean): number {
  if (xml.startsWith("<!--", start)) return after(xml, "-->", start + 4);
  if (xml.startsWith("<?", start)) return after(xml, "?>", start + 2);
  if (xml.startsWith("<![CDATA[", start) && inRoot) return after(xml, "]]>", start + 9);
  if (!xml.startsWith("<!DOCTYPE", start) || inRoot)
    throw new Declined("Entity declarations are not accepted.");
  const end = after(xml, ">", start);
  if (/[[!]/.test(xml.slice(start + 2, end)))
    throw new Declined("A DOCTYPE with declarations of its own is not accepted.");
  return end;
}

function after(xml: string, mark: string, from: number): number {
  const found = xml.indexOf(mark, from);
  if (found === -1) throw malformed(xml, from, `no '${mark}'`);
  return found + mark.length;
}

function checkRoot(xml: string, start: number, roots: number): void {
  if (roots > 1) throw malformed(xml, start, "more after the end of the score");
  if (xml.startsWith("<score-timewise", start))
    throw new Declined(
      "MusicXML by measures (score-timewise) is not accepted; export it by parts (score-partwise).",
    );
  if (!/^<score-partwise[\s/>]/.test(xml.slice(start, start + 20)))
    throw new Declined("This XML is not MusicXML: its root is not score-partwise.");
}

function openElement(xml: string, start: number, open: Element[]): number {
  const name = match(opening, xml, start);
  if (!name) throw malformed(xml, start, "a tag without a name");
  let index = opening.lastIndex;
  while (match(attribute, xml, index)) index = attribute.lastIndex;
  const end = match(tagEnd, xml, index);
  if (!end) throw malformed(xml, start, `a broken tag <${name[1]?.slice(0, 30)}`);
  if (end[1] === "") open.push({ name: name[1] ?? "", contentStart: tagEnd.lastIndex });
  if (open.length > maxDepth) throw new Declined(`The XML is nested deeper than ${maxDepth} elements.`);
  return tagEnd.lastIndex;
}

function close(xml: string, start: number, element: Element | undefined): number {
  const name = match(closing, xml, start)?.[1];
  if (!element || name !== element.name) throw malformed(xml, start, "a closing tag that does not match");
  if (wholeNumbers.has(name) && !/^\s*\d{1,9}\s*$/.test(xml.slice(element.contentStart, start).slice(0, 40)))
    throw malformed(xml, start, `<${name}> that is not a whole number`);
  return closing.lastIndex;
}

function match(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}

function malformed(xml: string, index: number, what: string): Declined {
  const line = xml.slice(0, index).split("\n").length;
  return new Declined(`The MusicXML cannot be read: line ${line} has ${what}.`);
}
