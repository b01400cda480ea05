/** The fields of an answer to `INFO`. */
export function parseInfo(text: string): Readonly<Partial<Record<string, string>>> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(":") && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
}
