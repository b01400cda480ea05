import { hkdfSync } from "node:crypto";
import type { KeyPurpose } from "../../application/ports/secrets.ts";
import type { KeyRing } from "./key-ring.ts";

/** The key of a use, purpose and version; undefined where the ring holds no such version. */
export type DerivedKeys = (use: "mac" | "seal", purpose: KeyPurpose, version: number) => Buffer | undefined;

/** Derives keys by HKDF-SHA-256 (RFC 5869) and remembers them. */
export function createDerivedKeys(ring: KeyRing): DerivedKeys {
  const derived = new Map<string, Buffer>();
  return (use, purpose, version) => {
    const name = `dacapo:${use}:${purpose}:${version}`;
    const known = derived.get(name);
    const master = ring.keys.get(version);
    if (known || !master) return known;
    const key = Buffer.from(hkdfSync("sha256", master, "", name, 32));
    derived.set(name, key);
    return key;
  };
}
