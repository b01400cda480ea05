import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "yaml";
import { type Deployed, hasKubectl, type Manifest, render } from "./manifests.ts";

const names = (kind: string): string[] =>
  globSync(`deploy/kubernetes/${kind}/*`)
    .map((path) => basename(path))
    .sort();

/** Components by themselves, and those that most have together. */
const choices: Readonly<Record<string, readonly (readonly string[])[]>> = {
  production: [
    [],
    ...names("components")
      // Each overlay has an ingress of its own accord.
      .filter((name) => name !== "ingress")
      .map((name) => [name]),
    ["prometheus-operator", "tls", "redis-tls"],
  ],
  embedded: [[], ["prometheus-operator", "tls"]],
};

/** What docs/kubernetes.md shows to be put into an overlay. */
export const page = readFileSync(new URL("../../../docs/kubernetes.md", import.meta.url), "utf8");
const [, , block = ""] = /^( *)```yaml\n(.*?)^ *```$/ms.exec(page) ?? [];
const { patches } = parse(block) as { readonly patches: readonly unknown[] };

const nameOf = ({ overlay, components, patches: shown }: Deployed): string =>
  [overlay, ...components, ...(shown ? ["the patch of the page"] : [])].join(" + ");

/** Each overlay, alone and with components. */
const all: readonly Deployed[] = [
  ...names("overlays").flatMap((overlay) =>
    (choices[overlay] ?? [[]]).map((components) => ({ overlay, components })),
  ),
  { overlay: "production", components: [], patches },
];

if (!hasKubectl)
  console.log(`There is no kubectl: not rendered, and so not checked, were ${all.map(nameOf).join("; ")}.`);

/** What each of them deploys, by its name; none where there is no kubectl. */
export const deployments: readonly (readonly [name: string, objects: readonly Manifest[]])[] = hasKubectl
  ? all.map((deployed) => [nameOf(deployed), render(deployed)])
  : [];
