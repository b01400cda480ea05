import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PeerDeployment, PeerMessage, PeerSettings, PeerTokens } from "./peers/protocol.ts";
import type { Plan } from "./plan.ts";
import { startProgram } from "./program.ts";

/** Another authorization server, started as its users run it. */
export interface Peer extends PeerDeployment, AsyncDisposable {
  readonly pid: number;
  /** That many token families, each of one access and one refresh token. */
  grants(count: number): Promise<readonly PeerTokens[]>;
  /** That many authorization codes for this PKCE challenge (S256). */
  codes(count: number, challenge: string): Promise<readonly string[]>;
}

const folder = fileURLToPath(new URL("./peers/", import.meta.url));

/** The peers are no dependency of Dacapo: only who measures beside them has them. */
function install(): void {
  if (existsSync(new URL("./peers/node_modules/", import.meta.url))) return;
  console.error(`npm ci in ${folder} …`);
  const { status, stderr } = spawnSync("npm", ["ci"], { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm ci in ${folder}: ${stderr}`);
}

/** Starts `peers/<name>.ts`, which is installed first where it is not. */
export async function startPeer(
  name: "oidc-provider" | "better-auth",
  plan: Plan,
  settings: PeerSettings,
): Promise<Peer> {
  install();
  const program = startProgram(new URL(`./peers/${name}.ts`, import.meta.url), plan);
  const ask = <Answer>(message: PeerMessage) => program.ask<Answer>(message);
  const deployment = await ask<PeerDeployment>({ start: settings }).catch(async (error: unknown) => {
    await program[Symbol.asyncDispose]();
    throw error;
  });
  return {
    ...deployment,
    pid: program.pid,
    grants: (count) => ask({ grants: count }),
    codes: (count, challenge) => ask({ codes: count, challenge }),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
