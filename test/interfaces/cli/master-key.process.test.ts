import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCli } from "../../support/server-process.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dacapo-key-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const keyFile = async (name: string): Promise<string> => {
  const { stdout } = await runCli(["keys", "generate-master"]);
  const file = join(folder, name);
  await writeFile(file, stdout, { mode: 0o600 });
  return file;
};

it("data is neither read nor written under another master key than its own", async () => {
  const [own, other] = [await keyFile("own.key"), await keyFile("other.key")];
  const withKey = (key: string, args: readonly string[], input = "") =>
    runCli([...args, "--data-dir", join(folder, "data"), "--master-key-file", key], { input });
  const created = await withKey(own, ["user", "create", "carol"], "a good password\n");
  const stderr = `There was no log yet; one is made in ${join(folder, "data")}.\n`;
  expect({ code: created.code, stderr: created.stderr }).toEqual({ code: 0, stderr });
  for (const args of [
    ["user", "list"],
    ["user", "create", "dave"],
    ["serve", "--port", "0"],
  ]) {
    const refused = await withKey(other, args, "a good password\n");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("masterKey: is not the one that the data was written with");
  }
  const listed = await withKey(own, ["user", "list"]);
  expect(listed.stdout).toContain("carol");
  expect(listed.stdout).not.toContain("dave");
});
