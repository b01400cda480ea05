/** So that no text fills a score: what a title, a name or a tempo may say, in characters. */
const maxText = 200;

/** The text as a score keeps it; what is too long is cut, but never inside a character. */
export function shortened(text: string, length = maxText): string {
  if (text.length <= length) return text;
  return text
    .slice(0, length)
    .replace(/[\uD800-\uDBFF]$/u, "")
    .trimEnd();
}
