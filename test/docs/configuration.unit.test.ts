import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { runInNewContext } from "node:vm";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../infrastructure/config/load.ts";
import { referenceText } from "../../interfaces/cli/config-reference.ts";
import { addServerSettings, sourcesOf } from "../../interfaces/cli/options.ts";

const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");

it("the page is what the settings are: npm run -s dacapo -- config docs > docs/configuration.md", () => {
  expect(page).toBe(`${referenceText()}\n`);
});

describe("the example", () => {
  const blocks = (language: string) =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, block]) => block ?? "");
  const [flags = "", environment = ""] = blocks("bash");

  /** What the command line means. */
  function byFlags() {
    const command = addServerSettings(new Command("serve")).exitOverride();
    const [, , ...args] = flags.replaceAll("\\\n", "").trim().split(/\s+/);
    return checkConfig({ ...sourcesOf(command.parse(args, { from: "user" })), env: {} });
  }

  /** What the program hands to `startDacapo`. */
  function byCode() {
    const [program = ""] = blocks("typescript");
    const given: { settings?: Record<string, unknown> } = {};
    const body = stripTypeScriptTypes(program).replace(/^import .*$/m, "");
    const startDacapo = (settings: Record<string, unknown>) => {
      given.settings = settings;
      return { close() {} };
    };
    runInNewContext(`(async () => {${body}})()`, { startDacapo });
    // What came from another context has other prototypes.
    return checkConfig({ code: structuredClone(given.settings ?? {}) });
  }

  const byEnvironment = () =>
    checkConfig({
      env: Object.fromEntries([...environment.matchAll(/(DACAPO_\w+)=(\S+)/g)].map(([, ...pair]) => pair)),
    });

  const byFile = () => checkConfig({ code: JSON.parse(blocks("json")[0] ?? "") });

  it("means the same by flag, environment, file and code", () => {
    const all = [byFlags(), byEnvironment(), byFile(), byCode()];
    expect(all[0]).toMatchObject({
      config: {
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
});
