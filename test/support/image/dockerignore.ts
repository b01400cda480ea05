/** A pattern as Docker reads it: unlike in a shell, a star also stands for a dot in front. */
const expression = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^$()|[\]{}\\]/g, "\\$&")
      .replaceAll(/\*\*\/|\*|\?/g, (wild) =>
        wild === "**/" ? "(.*/)?" : wild === "*" ? "[^/]*" : "[^/]",
      )}$`,
  );

/** Tells which paths of a context are left out: the last pattern that fits a path, or a folder above it, counts. */
export function ignoredBy(text: string): (path: string) => boolean {
  const patterns = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ isLeftOut: !line.startsWith("!"), fits: expression(line.replace(/^!/, "")) }));
  return (path) => {
    const parts = path.split("/");
    const above = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    return patterns.findLast(({ fits }) => above.some((each) => fits.test(each)))?.isLeftOut ?? false;
  };
}
