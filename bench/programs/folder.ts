import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const own: string[] = [];
process.once("exit", () => {
  for (const folder of own) rmSync(folder, { recursive: true, force: true });
});

/** A folder for this process' data, which goes with the process. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "dacapo-bench-"));
  own.push(folder);
  return folder;
}
