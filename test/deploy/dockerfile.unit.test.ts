import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkConfig } from "../../infrastructure/config/load.ts";
import { clone, copyClone, hidden } from "../support/clone-copy.ts";
import { environmentOf, lastOf, readDockerfile } from "../support/image/dockerfile.ts";
import { ignoredBy } from "../support/image/dockerignore.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const stages = readDockerfile(readFileSync(join(clone, "deploy/Dockerfile"), "utf8"));
const [build, final] = stages as [(typeof stages)[0], (typeof stages)[0]];
const { devDependencies } = JSON.parse(readFileSync(join(clone, "package.json"), "utf8"));

describe("the image", () => {
  it("is of the Node that the tests run on, in both stages", () => {
    expect(stages.map(({ base }) => base)).toEqual(Array(2).fill(`node:${devDependencies.node}-slim`));
    expect(build.alias).toBe("build");
  });

  it("is of a user that can be seen not to be root, and runs without a shell", () => {
    expect(lastOf(final, "USER").words).toEqual(["1000:1000"]);
    for (const name of ["ENTRYPOINT", "CMD", "HEALTHCHECK"]) expect(lastOf(final, name).isExec).toBe(true);
  });

  it("sets only what there is, and nothing that is wrong", () => {
    const env = environmentOf(final);
    expect(checkConfig({ env })).toMatchObject({
      config: { host: "0.0.0.0", port: 8000, operationsPort: 9464, dataDir: "/data" },
    });
    expect(lastOf(final, "EXPOSE").words).toEqual([`8000 ${env.DACAPO_OPERATIONS_PORT}`]);
    expect(lastOf(final, "VOLUME").words).toEqual([env.DACAPO_DATA_DIR]);
  });
});

it("is described as it is: docs/docker.md", () => {
  const page = readFileSync(join(clone, "docs/docker.md"), "utf8");
  const table = [...page.matchAll(/^\| `([A-Z_]+)` +\| `([^`]+)` +\|/gm)].map(([, ...pair]) => pair);
  expect(Object.fromEntries(table)).toEqual(environmentOf(final));
  expect(page).toContain(`\`${final.base}\``);
});

describe("what the image is built from", () => {
  const folder = temporaryFolder();
  afterAll(() => folder[Symbol.dispose]());
  const context = join(folder.path, "context");
  copyClone(context);
  const ignored = ignoredBy(readFileSync(join(clone, ".dockerignore"), "utf8"));
  const sent = readdirSync(context, { recursive: true, encoding: "utf8" }).filter(
    (path) => !ignored(path) && statSync(join(context, path)).isFile(),
  );

  it("is the sources alone", () => {
    const top = new Set(sent.map((path) => path.split("/")[0]));
    expect([...top].sort()).toEqual([
      ".npmrc",
      ...["application", "domain", "infrastructure", "interfaces"],
      ...["package-lock.json", "package.json", "tsconfig.build.json", "tsconfig.json"],
    ]);
    expect(sent).toContain("interfaces/cli/bin.js");
  });

  it("is nothing that lay about", () => {
    expect(sent.filter((path) => readFileSync(join(context, path), "utf8") === hidden)).toEqual([]);
  });

  it("is complete: npm knows every package on every platform", () => {
    const { packages } = JSON.parse(readFileSync(join(clone, "package-lock.json"), "utf8")) as {
      packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }>;
    };
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      ),
    );
    expect(missing).toEqual([]);
    expect(Object.values(packages).filter(({ resolved }) => resolved?.startsWith("http"))).toEqual([]);
  });
});
