const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text that can stand in XML, in an element or in quotes; what XML 1.0 has no place for becomes a space. */
export function xmlText(text: string): string {
  const allowed = text.toWellFormed().replace(/[\p{Cc}\uFFFE\uFFFF]/gu, " ");
  return allowed.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
