import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JWK } from "jose";
import type { Code, FlowClient } from "./code-flow.ts";

const fixture = fileURLToPath(new URL("../golden/first-version/", import.meta.url));
const clock = new URL("../faults/late-clock.ts", import.meta.url).href;

interface Credentials {
  readonly id: string;
  readonly secret: string;
}

interface Session {
  readonly username: string;
  readonly cookie: string;
}

/** What was held by those who used the first version, and what its server answered of it. */
interface FirstVersion {
  readonly issuer: string;
  /** ISO time of the last request; all that should still live then does. */
  readonly writtenUntil: string;
  readonly password: string;
  readonly changedPassword: string;
  readonly clients: {
    readonly web: FlowClient;
    readonly backend: FlowClient;
    readonly machine: Credentials;
    readonly rotated: Credentials & { readonly oldSecret: string };
    readonly deleted: Credentials;
    readonly signer: { readonly id: string; readonly privateJwk: JWK; readonly usedAssertion: string };
    readonly registered: { readonly id: string; readonly registrationToken: string };
  };
  readonly resource: Credentials;
  readonly otherResource: Credentials;
  readonly session: Session;
  readonly evictedSession: Session;
  readonly unredeemedCode: Code;
  readonly refreshTokens: readonly {
    readonly name: string;
    readonly client: "web" | "backend";
    readonly token: string;
    readonly isGood: boolean;
  }[];
  readonly spentRefreshToken: { readonly token: string };
  readonly tokens: readonly {
    readonly name: string;
    readonly token: string;
    /** What introspection answered, whenever it was another answer than before, and at the end. */
    readonly answers: readonly { readonly at: string; readonly active: boolean; readonly scope?: string }[];
  }[];
}

export const firstVersion: FirstVersion = JSON.parse(
  readFileSync(join(fixture, "expectations.json"), "utf8"),
);

/** The log of the first version as the data folder `data` below a folder; answers its path. */
export function placeFirstVersion(folder: string): string {
  const dataDir = join(folder, "data");
  mkdirSync(dataDir, { mode: 0o700 });
  copyFileSync(join(fixture, "log.db"), join(dataDir, "log.db"));
  copyFileSync(join(fixture, "master-key.txt"), join(dataDir, "master.key"));
  return dataDir;
}

/** The environment of a process that believes that it starts when the first version ended; its folders and issuer, too. */
export function envOfFirstVersion(dataDir: string): Readonly<Record<string, string>> {
  return {
    TEST_CLOCK_AHEAD: String(Date.parse(firstVersion.writtenUntil) - Date.now()),
    NODE_OPTIONS: `--import ${clock}`,
    DACAPO_DATA_DIR: dataDir,
    DACAPO_ISSUER: firstVersion.issuer,
    DACAPO_RATE_LIMIT: "off",
    DACAPO_LOG_LEVEL: "warn",
  };
}
