import { readFileSync } from "node:fs";

function packageUrl(): URL {
  const depth = import.meta.url.includes("/dist/") ? "../../../package.json" : "../../package.json";
  return new URL(depth, import.meta.url);
}

/** The version of this package. */
export const version: string = JSON.parse(readFileSync(packageUrl(), "utf8")).version;
