import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The program of a process that appends. */
export const appender = fileURLToPath(new URL("./appender.ts", import.meta.url));

/** The path of a log that does not exist yet, in a folder that is removed after the test. */
export function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "dacapo-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "log.db");
}
