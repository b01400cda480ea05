import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { generateMasterKey, InvalidKeyRing, type KeyRing, parseKeyRing } from "../crypto/key-ring.ts";
import { masterKeyFileOf } from "./places.ts";
import { ConfigurationError } from "./problem.ts";
import type { Config } from "./schema.ts";

const howTo = [
  "masterKey: there is none. It encrypts signing keys and personal data, and nothing can be read without it. Make one with",
  "  umask 077 && dacapo keys generate-master > master.key",
  "keep it safe and apart from the data, and name it by masterKeyFile (DACAPO_MASTER_KEY_FILE) or masterKey (DACAPO_MASTER_KEY).",
].join("\n");

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigurationError(`masterKeyFile: cannot read ${file}: ${(error as Error).message}`);
  }
}

function textOf(config: Config): string | undefined {
  const { masterKey, masterKeyFile, ephemeral, demo } = config;
  if (masterKey !== undefined) return masterKey;
  if (ephemeral && demo && masterKeyFile === undefined) return undefined;
  const file = masterKeyFileOf(config);
  if (existsSync(file)) return contentOf(file);
  if (masterKeyFile !== undefined) throw new ConfigurationError(`masterKeyFile: there is no file ${file}`);
  if (!demo) throw new ConfigurationError(howTo);
  return undefined;
}

/** The key ring that is there already; undefined where a demo makes one. @throws {ConfigurationError} */
export function readMasterKey(config: Config): KeyRing | undefined {
  try {
    const text = textOf(config);
    return text === undefined ? undefined : parseKeyRing(text);
  } catch (error) {
    if (error instanceof InvalidKeyRing) throw new ConfigurationError(`masterKey: ${error.message}`);
    throw error;
  }
}

/** The key ring that is there already. @throws {ConfigurationError} also where there is none */
export function requireMasterKey(config: Config): KeyRing {
  const ring = readMasterKey(config);
  if (!ring) throw new ConfigurationError(howTo);
  return ring;
}

/** The master key ring: from the configuration, a file, or, in a demo, made on the spot. @throws {ConfigurationError} */
export function loadMasterKey(config: Config): KeyRing {
  const found = readMasterKey(config);
  if (found) return found;
  const made = generateMasterKey();
  if (!config.ephemeral) writeFileSync(masterKeyFileOf(config), `${made}\n`, { mode: 0o600, flag: "wx" });
  return parseKeyRing(made);
}
