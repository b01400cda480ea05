import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../infrastructure/config/load.ts";
import { clone } from "../support/clone-copy.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const read = (name: string): string => readFileSync(join(clone, "deploy/systemd", name), "utf8");

/** The lines `NAME=value` of a file, in order. */
const linesOf = (text: string): readonly (readonly [name: string, value: string])[] =>
  [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]);

const unit = read("dacapo.service");
const settings = Object.fromEntries(linesOf(read("dacapo.env")));
const values = (name: string): readonly string[] =>
  linesOf(unit).flatMap(([line, value]) => (line === name ? [value] : []));
const value = (name: string): string => {
  const [only = "", ...others] = values(name);
  expect(others).toEqual([]);
  return only;
};

describe("the unit of systemd", () => {
  it("names settings that there are", () => {
    const own = Object.fromEntries(values("Environment").map((text) => text.split(/=(.*)/s).slice(0, 2)));
    const { config, problems } = checkConfig({ env: { ...own, ...settings } });
    expect(problems).toBeUndefined();
    expect(config).toMatchObject({ dataDir: `/var/lib/${value("StateDirectory")}`, operationsPort: 9464 });
    expect(value("EnvironmentFile")).toBe("/etc/dacapo/dacapo.env");
  });

  it("has the variables of the image that save memory", () => {
    const image = readFileSync(join(clone, "deploy/Dockerfile"), "utf8");
    for (const variable of ["NODE_OPTIONS", "MALLOC_ARENA_MAX"]) {
      const said = values("Environment").find((text) => text.startsWith(`${variable}=`));
      expect(said).toBeDefined();
      expect(image).toContain(said);
    }
  });

  it("starts what docs/docker.md starts, where it says that it is installed", () => {
    const { bin } = JSON.parse(readFileSync(join(clone, "package.json"), "utf8"));
    const program = `node_modules/.bin/node node_modules/dacapo/${bin.dacapo} serve`;
    expect(value("ExecStart").replaceAll("/srv/dacapo/", "")).toBe(program);
    expect(readFileSync(join(clone, "docs/docker.md"), "utf8")).toContain(`\n${program}\n`);
  });

  it("waits longer for a stop than the server takes", () => {
    const delay = Number(settings.DACAPO_SHUTDOWN_DELAY_SECONDS);
    expect(Number(value("TimeoutStopSec"))).toBeGreaterThan(delay + 11 + 5);
  });

  it("gives no privileges, and lets Node compile", () => {
    expect(value("User")).toBe("dacapo");
    for (const name of ["NoNewPrivileges", "PrivateTmp", "ProtectHome"]) expect(value(name)).toBe("yes");
    expect(value("ProtectSystem")).toBe("strict");
    expect([value("CapabilityBoundingSet"), value("AmbientCapabilities")]).toEqual(["", ""]);
    expect(values("MemoryDenyWriteExecute")).toEqual([]);
  });

  it("is found right by systemd-analyze", ({ skip }) => {
    using folder = temporaryFolder();
    const file = join(folder.path, "dacapo.service");
    // Nothing is installed in its place here.
    writeFileSync(file, unit.replaceAll("/srv/dacapo/node_modules/.bin/node", process.execPath));
    const { error, status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", file], {
      encoding: "utf8",
    });
    skip(error !== undefined, "there is no systemd-analyze here");
    expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: "" });
  });
});
