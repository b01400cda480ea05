import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for this process' data, which goes with the process. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "dacapo-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
