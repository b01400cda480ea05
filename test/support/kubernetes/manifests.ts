import { spawnSync } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, parseAllDocuments } from "yaml";
import { temporaryFolder } from "../temporary-folder.ts";

/** What every object of Kubernetes has. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

const folder = fileURLToPath(new URL("../../../deploy/kubernetes", import.meta.url));

/** The objects of a YAML text, read as kubectl reads it: 0440 is octal. */
const objectsIn = (text: string): Manifest[] =>
  parseAllDocuments(text, { version: "1.1", merge: true }).map((document) => {
    if (document.errors[0]) throw document.errors[0];
    return document.toJS() as Manifest;
  });

/** The files that kustomizations name as resources, which are whole objects: patches are none by themselves. */
export const resourceFiles: readonly string[] = globSync("**/kustomization.yaml", { cwd: folder })
  .flatMap((file) => {
    const { resources = [] } = parse(readFileSync(join(folder, file), "utf8")) as { resources?: string[] };
    return resources.filter((name) => name.endsWith(".yaml")).map((name) => join(dirname(file), name));
  })
  .sort();

/** The objects of one of them. */
export const objectsOf = (file: string): Manifest[] => objectsIn(readFileSync(join(folder, file), "utf8"));

/** Whether there is a kubectl, which has kustomize built in. */
export const hasKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;

/** An overlay, and what is taken in beside its own. */
export interface Deployed {
  readonly overlay: string;
  readonly components: readonly string[];
  /** Patches of a kustomization. */
  readonly patches?: readonly unknown[];
}

/** What `kubectl apply -k` would send for them. @throws an error with what kustomize says */
export function render({ overlay, components, patches = [] }: Deployed): Manifest[] {
  using scratch = temporaryFolder();
  const place = (kind: string, name: string) => relative(scratch.path, join(folder, kind, name));
  // JSON is YAML too.
  const kustomization = {
    resources: [place("overlays", overlay)],
    components: components.map((name) => place("components", name)),
    patches,
    namespace: "dacapo",
  };
  writeFileSync(join(scratch.path, "kustomization.yaml"), JSON.stringify(kustomization));
  const { status, stdout, stderr } = spawnSync("kubectl", ["kustomize", scratch.path], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return objectsIn(stdout);
}

/** Those of one kind. */
export const ofKind = <T extends Manifest>(objects: readonly Manifest[], kind: T["kind"]): readonly T[] =>
  objects.filter((object): object is T => object.kind === kind);
