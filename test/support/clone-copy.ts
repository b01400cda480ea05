import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this clone. */
export const clone = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** What git, npm and a server leave in a clone. */
const leftBehind = ["node_modules", "dist", ".git", ".dacapo"];

/** What lies in a clone where somebody works, and must never get out of it; the text in each is `hidden`. */
const secretFiles = [
  ".dacapo/demo.json",
  ".dacapo/master.key",
  ".env",
  "docs/master.key",
  "interfaces/.env",
  "master.key",
  "erasures.ndjson",
  "server.log",
];

export const hidden = "not for others";

/** Copies the files of this clone to a new folder, with an old build and secrets lying about. */
export function copyClone(to: string): void {
  cpSync(clone, to, {
    recursive: true,
    filter: (path) => path === clone || !leftBehind.includes(basename(path)),
  });
  for (const folder of [".dacapo", "dist"]) mkdirSync(join(to, folder));
  for (const file of secretFiles) writeFileSync(join(to, file), hidden);
  writeFileSync(join(to, "dist/old.js"), hidden);
}

/** Gives a copy the packages of this clone. */
export const lendPackages = (to: string): void =>
  symlinkSync(join(clone, "node_modules"), join(to, "node_modules"));
