import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateMasterKey, InvalidKeyRing, type KeyRing, parseKeyRing } from "../crypto/key-ring.ts";
import { ConfigurationError } from "./load.ts";
import type { Config } from "./schema.ts";

const howTo = [
  "masterKey: there is none. It encrypts signing keys and personal data, and nothing can be read without it. Make one with",
  "  dacapo keys generate-master > master.key",
  "keep it safe and apart from the data, and name it by masterKeyFile (DACAPO_MASTER_KEY_FILE) or masterKey (DACAPO_MASTER_KEY).",
].join("\n");

/** Where the key ring of a data folder lies when no other place is configured. */
const fileIn = (dataDir: string): string => join(dataDir, "master.key");

function textOf({ masterKey, masterKeyFile, dataDir, ephemeral, demo }: Config): string | undefined {
  if (masterKey !== undefined) return masterKey;
  if (ephemeral && demo && masterKeyFile === undefined) return undefined;
  const file = masterKeyFile ?? fileIn(dataDir);
  if (existsSync(file)) return readFileSync(file, "utf8");
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

/** The master key ring: from the configuration, a file, or, in a demo, made on the spot. @throws {ConfigurationError} */
export function loadMasterKey(config: Config): KeyRing {
  const found = readMasterKey(config);
  if (found) return found;
  const made = generateMasterKey();
  if (!config.ephemeral) writeFileSync(fileIn(config.dataDir), `${made}\n`, { mode: 0o600, flag: "wx" });
  return parseKeyRing(made);
}
