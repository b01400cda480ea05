import { spawnSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { temporaryFolder } from "../temporary-folder.ts";
import type { Manifest } from "./manifests.ts";

interface Model {
  validate(): void;
}

/** Kinds that an operator brings along: their schemas are with it. */
const foreign: readonly string[] = ["monitoring.coreos.com/v1 PodMonitor"];

/** What is not stable goes away in some version of Kubernetes, and `kubernetes-models` knows it still. */
const stable = /^([a-z.\d-]+\/)?v\d+$/;

const kindOf = ({ apiVersion, kind }: Manifest): string => `${apiVersion} ${kind}`;
const nameOf = (object: Manifest): string => `${object.kind} ${object.metadata.name}`;

/** Whether types, enumerations, formats and required fields are those of the schema; it says nothing of unknown fields. */
async function validated(object: Manifest): Promise<string[]> {
  const { apiVersion, kind } = object;
  if (!stable.test(apiVersion)) return [`${nameOf(object)}: ${apiVersion} is not stable`];
  const models = await import(`kubernetes-models/${apiVersion}`).catch(() => ({}));
  const Model: (new (object: Manifest) => Model) | undefined = models[kind];
  if (!Model) return [`${nameOf(object)}: there is no ${kindOf(object)}`];
  try {
    new Model(object).validate();
    return [];
  } catch (error) {
    return [`${nameOf(object)}: ${(error as Error).message}`];
  }
}

/** The object as TypeScript, on a line of its own: the compiler refuses members that its type does not have. */
const typed = (object: Manifest, index: number): string =>
  `export const o${index}: import("kubernetes-models/${object.apiVersion}").I${object.kind} = ${JSON.stringify(object)};`;

const options = { noEmit: true, strict: true, skipLibCheck: true, module: "nodenext", types: [] };

/** What the types of Kubernetes' schemas do not know. */
function unknownFields(objects: readonly Manifest[]): string[] {
  using folder = temporaryFolder();
  const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text);
  symlinkSync(resolve("node_modules"), join(folder.path, "node_modules"));
  write("tsconfig.json", JSON.stringify({ compilerOptions: options, files: ["objects.ts"] }));
  write("objects.ts", objects.map(typed).join("\n"));
  const { status, stdout } = spawnSync(resolve("node_modules/.bin/tsc"), ["-p", ".", "--pretty", "false"], {
    cwd: folder.path,
    encoding: "utf8",
  });
  const found = [...stdout.matchAll(/^objects\.ts\((\d+),\d+\): error \w+: (.*)$/gm)].map(
    ([, line, message]) => `${nameOf(objects[Number(line) - 1] as Manifest)}: ${message}`,
  );
  return status !== 0 && found.length === 0 ? [stdout] : found;
}

/** All that is wrong with objects, by the schemas of Kubernetes. */
export async function schemaProblems(objects: readonly Manifest[]): Promise<string[]> {
  const own = objects.filter((object) => !foreign.includes(kindOf(object)));
  const problems = (await Promise.all(own.map(validated))).flat();
  return problems.length > 0 ? problems : unknownFields(own);
}
