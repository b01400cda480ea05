import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);

/** The folder of this project. */
export const projectFolder = fileURLToPath(root);

/** A block of shell commands on a page. */
export interface Commands {
  /** Of the page, from 1. */
  readonly line: number;
  readonly shell: string;
  /** Why a test does not run it, in the words of the page's source; undefined where one does. */
  readonly notRun: string | undefined;
}

/** The pages that show commands, by their paths in the project. */
export const pages: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(new URL("docs/", root))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** A page as it is written. */
export const pageText = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** The blocks of shell commands of a page, in order, without the indentation of a list. */
export function commandsOf(path: string): readonly Commands[] {
  const text = pageText(path);
  const block = /(?:<!-- not run: ([^>]*?) -->\n\n?)?^( *)```bash\n([\s\S]*?)^ *```$/gm;
  return [...text.matchAll(block)].map((match) => {
    const [, notRun, indent = "", shell = ""] = match;
    return {
      line: text.slice(0, match.index).split("\n").length,
      shell: shell.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
      notRun,
    };
  });
}
