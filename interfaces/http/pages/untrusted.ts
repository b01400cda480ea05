import { html } from "ghtml";

const longest = 80;
const noise = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]+/gu;
const unseen = /^[\p{DI}\s\u2800]*$/u;
const stackedMarks = /(\p{M}{3})\p{M}+/gu;
const letters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The text that a stranger chose, on one line: no control or direction characters, no more than 80 characters. */
export function tame(text: string): string {
  const clean = text
    .slice(0, 1000)
    .toWellFormed()
    .replace(noise, " ")
    .replace(stackedMarks, "$1")
    .replace(/\s+/gu, " ")
    .trim();
  return clean.length > longest ? `${firstLetters(clean, longest - 1)}…` : clean;
}

/** A name in its own direction: whatever it holds, the words around it stay where they are. */
export function name(text: string): string {
  return html`<bdi class="name">${tame(text)}</bdi>`;
}

export const clientNamed = (text: string): string =>
  name(unseen.test(tame(text)) ? "An app without a name" : text);

/** A host or URL, whole: what counts of it stands at its end, so it wraps and is never cut. */
export function address(text: string): string {
  return html`<bdi class="address" dir="ltr">${text}</bdi>`;
}

function firstLetters(text: string, limit: number): string {
  let kept = "";
  for (const { segment } of letters.segment(text)) {
    if (kept.length + segment.length > limit) break;
    kept += segment;
  }
  return kept.trimEnd();
}
