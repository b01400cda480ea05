import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { generateMasterKey } from "../../infrastructure/crypto/key-ring.ts";
import { clone } from "../support/clone-copy.ts";
import { readDockerfile } from "../support/image/dockerfile.ts";
import { mustRun, runProgram } from "../support/run-program.ts";

const [base = ""] = readDockerfile(readFileSync(join(clone, "deploy/Dockerfile"), "utf8")).map(
  ({ base }) => base,
);

/** Why the image cannot be built here; undefined where it can. Where there is no network, nothing is wrong with the image. */
async function dockerIsMissing(): Promise<string | undefined> {
  const answers = await runProgram(["docker", "info"], { cwd: clone }).catch(() => undefined);
  if (answers?.code !== 0) return "no Docker answers";
  const kept = await runProgram(["docker", "image", "inspect", base], { cwd: clone });
  const { code } = kept.code === 0 ? kept : await runProgram(["docker", "pull", base], { cwd: clone });
  return code === 0 ? undefined : `Docker cannot get ${base}`;
}

const missing = await dockerIsMissing();
if (missing !== undefined) console.log(`The image is not built and run by Docker: ${missing}`);

describe.skipIf(missing !== undefined)("the image, by Docker", () => {
  const name = `dacapo-test-${crypto.randomUUID()}`;
  const docker = (...args: string[]) => mustRun(["docker", ...args], { cwd: clone });
  afterAll(async () => {
    await runProgram(["docker", "rm", "--force", "--volumes", name], { cwd: clone });
    await runProgram(["docker", "image", "rm", name], { cwd: clone });
  });

  it("is built, gets healthy, answers commands and stops in order", async () => {
    await docker("build", "--quiet", "--file", "deploy/Dockerfile", "--tag", name, ".");
    const hardened = ["--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"];
    const env = ["--env", `DACAPO_MASTER_KEY=${generateMasterKey()}`];
    await docker("run", "--detach", "--name", name, "--health-interval=1s", ...hardened, ...env, name);
    const state = (what: string) => docker("inspect", "--format", `{{.State.${what}}}`, name);
    await expect.poll(() => state("Health.Status"), { timeout: 60_000 }).toBe("healthy\n");
    expect(await docker("exec", name, "dacapo", "health")).toBe("Ready.\n");
    expect(await docker("exec", name, "id", "-u")).toBe("1000\n");
    await docker("exec", name, "dacapo", "client", "create", "--name", "Machine", "--type", "confidential");
    await docker("stop", name);
    expect(await state("ExitCode")).toBe("0\n");
  }, 900_000);
});
