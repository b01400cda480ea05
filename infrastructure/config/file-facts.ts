import { statSync } from "node:fs";
import type { FileFacts } from "./checks.ts";
import { masterKeyFileOf } from "./places.ts";
import type { Config } from "./schema.ts";

/** The permission bits of a file; undefined where it cannot be asked. */
function modeOf(file: string | undefined): number | undefined {
  if (file === undefined) return undefined;
  try {
    return statSync(file).mode & 0o777;
  } catch {
    return undefined;
  }
}

/** What the file system tells of the files of keys; nothing where it knows no such permissions. */
export function fileFacts(config: Config): FileFacts {
  if (process.platform === "win32") return {};
  return {
    masterKeyMode: modeOf(masterKeyFileOf(config)),
    tlsKeyMode: modeOf(config.tlsKeyFile),
    redisKeyMode: modeOf(config.redisKeyFile),
  };
}
