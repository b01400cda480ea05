import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { findingsOf } from "../../infrastructure/config/findings.ts";
import { checkConfig } from "../../infrastructure/config/load.ts";
import { generateMasterKey } from "../../infrastructure/crypto/key-ring.ts";
import { referenceText } from "../../interfaces/cli/config-reference.ts";
import { addServerSettings, sourcesOf } from "../../interfaces/cli/options.ts";
import { programSettings } from "../support/program-settings.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/configuration.md"), "utf8");

it("the page is what the settings are: npm run -s dacapo -- config docs > docs/configuration.md", () => {
  expect(page).toBe(`${referenceText()}\n`);
});

describe("the example", () => {
  const blocks = (language: string) =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, block]) => block ?? "");
  const [, flags = "", environment = ""] = blocks("bash");

  /** What the command line means. */
  function byFlags() {
    const command = addServerSettings(new Command("serve")).exitOverride();
    const [, , ...args] = flags.replaceAll("\\\n", "").trim().split(/\s+/);
    return checkConfig({ ...sourcesOf(command.parse(args, { from: "user" })), env: {} });
  }

  const byCode = () => checkConfig({ code: programSettings(blocks("typescript")[0] ?? "") });

  const byEnvironment = () =>
    checkConfig({
      env: Object.fromEntries([...environment.matchAll(/(DACAPO_\w+)=(\S+)/g)].map(([, ...pair]) => pair)),
    });

  const byFile = () => checkConfig({ code: JSON.parse(blocks("json")[0] ?? "") });

  it("means the same by flag, environment, file and code", () => {
    const all = [byFlags(), byEnvironment(), byFile(), byCode()];
    expect(all[0]).toMatchObject({
      config: {
        masterKeyFile: "master.key",
        issuer: "https://api.example.com",
        accessTokenExpireMinutes: 30,
        allowPublicClients: false,
        sessionTtlMinutes: 15,
        sameSite: "strict",
        allowNetworks: ["192.168.1.0/24", "2001:db8::/32"],
      },
    });
    for (const other of all) expect(other).toEqual(all[0]);
  });

  it("has nothing in it that is unsafe", () => {
    const { config } = byFlags();
    expect(config && findingsOf(config)).toEqual([]);
  });

  it("is a program that runs beside its master key", { timeout: 30_000 }, async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, "node_modules"));
    symlinkSync(root, join(folder.path, "node_modules/dacapo"));
    writeFileSync(join(folder.path, "master.key"), generateMasterKey(), { mode: 0o600 });
    const program = (blocks("typescript")[0] ?? "").replace("startDacapo({", "startDacapo({ port: 0,");
    writeFileSync(join(folder.path, "server.mts"), program);
    const args = ["--conditions=dacapo-source", "server.mts"];
    const child = spawn(process.execPath, args, { cwd: folder.path, stdio: ["ignore", "pipe", "ignore"] });
    const ended = once(child, "close");
    const [line] = await Promise.race([once(child.stdout, "data"), ended]);
    expect(String(line)).toMatch(/^https:\/\/api\.example\.com is served at http:\/\/127\.0\.0\.1:\d+\n$/);
    child.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
  });
});
