import { readFileSync } from "node:fs";
import { extname } from "node:path";

/** package.json lies at the root of the sources, and one folder above what was compiled from them. */
function packageUrl(): URL {
  const isSource = extname(import.meta.url) === ".ts";
  return new URL(isSource ? "../../package.json" : "../../../package.json", import.meta.url);
}

/** The version of this package. */
export const version: string = JSON.parse(readFileSync(packageUrl(), "utf8")).version;
