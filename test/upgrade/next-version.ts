import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const copied = ["application", "domain", "infrastructure", "interfaces", "package.json"];

interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A version in which grants are projected in another shape. */
export const otherShape: Change = {
  file: "application/projections/grants.ts",
  from: 'projection<GrantEvent>("grants", 2,',
  to: 'projection<GrantEvent>("grants", 3,',
};

/** A version that writes rotations in a shape which this one does not know. */
export const newerEvent: Change = {
  file: "application/events/grant.ts",
  from: '"grant.refresh_token.rotated": { version: 1, schema: issued },',
  to: '"grant.refresh_token.rotated": { version: 2, schema: issued, upcasts: { 1: (data) => data } },',
};

/** Copies the sources into an empty folder and changes them there: what a later version could be. */
export function makeNextVersion(folder: string, { file, from, to }: Change): string {
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const before = readFileSync(join(folder, file), "utf8");
  if (!before.includes(from)) throw new Error(`${file} does not hold ${from}`);
  writeFileSync(join(folder, file), before.replace(from, to));
  return folder;
}
