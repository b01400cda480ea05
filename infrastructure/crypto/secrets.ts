import { createHmac, randomBytes, randomFillSync } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import type { Keyed, KeyPurpose, Secrets, WrappedKey } from "../../application/ports/secrets.ts";
import { BoundedMap } from "../bounded/map.ts";
import { decrypt, encrypt } from "./aes-gcm.ts";
import { createDerivedKeys } from "./derived-keys.ts";
import type { KeyRing } from "./key-ring.ts";

const sealedForm = /^([1-9][0-9]{0,8})\.([A-Za-z0-9_-]+)$/;
const maxDataKeys = 256;

const uuidLength = 16;

/** Random bytes for ids, which are no secrets: asking for 16 of them costs ten times as much as all else of an id. */
function createPool(): () => Uint8Array {
  const pool = new Uint8Array(256 * uuidLength);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += uuidLength;
    return pool.subarray(used - uuidLength, used);
  };
}

/**
 * Secrets under a ring of master keys. A sealed value is `<key version>.<base64url of IV, ciphertext and tag>`.
 * `mac` throws a RangeError where a version is named that the ring does not hold.
 */
export function createSecrets(ring: KeyRing): Secrets {
  const keyOf = createDerivedKeys(ring);
  const versions = [...ring.keys.keys()].sort((a, b) => b - a);
  const idBytes = createPool();
  const dataKeys = new BoundedMap<string, Buffer>(maxDataKeys);

  function requireKey(use: "mac" | "seal", purpose: KeyPurpose, version: number): Buffer {
    const key = keyOf(use, purpose, version);
    if (!key) throw new RangeError(`The master key ring holds no version ${version}`);
    return key;
  }

  function mac(purpose: KeyPurpose, message: string, keyVersion = ring.newest): Keyed {
    const key = requireKey("mac", purpose, keyVersion);
    return { value: createHmac("sha256", key).update(message).digest("base64url"), keyVersion };
  }

  const seal = (purpose: KeyPurpose, plaintext: string, context: string): string =>
    `${ring.newest}.${encrypt(requireKey("seal", purpose, ring.newest), plaintext, context)}`;

  function open(purpose: KeyPurpose, sealed: string, context: string): string | undefined {
    const [, version, encrypted] = sealedForm.exec(sealed) ?? [];
    const key = version && keyOf("seal", purpose, Number(version));
    return key && encrypted ? decrypt(key, encrypted, context) : undefined;
  }

  function unwrap({ wrapped, context }: WrappedKey): Buffer | undefined {
    const name = `${wrapped} ${context}`;
    const known = dataKeys.get(name);
    if (known) return known;
    const opened = open("subject_key", wrapped, context);
    if (opened === undefined) return undefined;
    const dataKey = Buffer.from(opened, "base64url");
    dataKeys.set(name, dataKey);
    return dataKey;
  }

  return {
    random: () => randomBytes(32).toString("base64url"),
    newId: () => uuidv7({ random: idBytes() }, Buffer.alloc(16)).toString("base64url"),
    derived({ nonce, keyVersion, time }) {
      let drawn = 0;
      const next = (kind: "id" | "secret"): string => {
        drawn += 1;
        return mac("idempotency", `${kind} ${nonce} ${drawn}`, keyVersion).value;
      };
      return {
        random: () => next("secret"),
        newId() {
          const random = Buffer.from(next("id"), "base64url").subarray(0, uuidLength);
          return uuidv7({ random, msecs: time }, Buffer.alloc(16)).toString("base64url");
        },
      };
    },
    newEventId: () => uuidv7({ random: idBytes() }),
    mac,
    macs: (purpose, message) => versions.map((version) => mac(purpose, message, version)),
    seal,
    open,
    newDataKey: (context) => ({
      wrapped: seal("subject_key", randomBytes(32).toString("base64url"), context),
      context,
    }),
    sealWith(key, plaintext, context) {
      const dataKey = unwrap(key);
      if (!dataKey) throw new Error(`The data key of ${key.context} cannot be opened`);
      return encrypt(dataKey, plaintext, context);
    },
    openWith(key, sealed, context) {
      const dataKey = unwrap(key);
      return dataKey && decrypt(dataKey, sealed, context);
    },
  };
}
