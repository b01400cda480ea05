import type { IDeployment, IStatefulSet } from "kubernetes-models/apps/v1";
import type { ICronJob } from "kubernetes-models/batch/v1";
import type { IContainer, IPersistentVolumeClaimSpec, IPodTemplateSpec } from "kubernetes-models/v1";
import { type Manifest, ofKind } from "./manifests.ts";

type Labels = Readonly<Record<string, string>>;

/** A claim that is made for each pod. */
interface OwnClaim {
  readonly metadata?: { readonly name?: string };
  readonly spec?: IPersistentVolumeClaimSpec;
}

/** What a workload makes. */
export interface Pod {
  /** The component that it is: serve, worker or command. */
  readonly component: string;
  readonly labels: Labels;
  readonly spec: NonNullable<IPodTemplateSpec["spec"]>;
  readonly container: IContainer;
  /** Whether it is to run for ever. */
  readonly isService: boolean;
  /** The volumes that each pod has a claim of its own for. */
  readonly ownClaims: readonly OwnClaim[];
}

function podOf(template: IPodTemplateSpec, more: Pick<Pod, "isService" | "ownClaims">): Pod {
  const { spec, metadata } = template;
  const labels = (metadata?.labels ?? {}) as Labels;
  const [container, ...others] = spec?.containers ?? [];
  if (!spec || !container || others.length > 0) throw new Error("a pod has one container here");
  return { component: labels["app.kubernetes.io/component"] ?? "", labels, spec, container, ...more };
}

const specOf = <T>({ spec }: { readonly spec?: T }): T => {
  if (spec === undefined) throw new Error("there is no spec");
  return spec;
};

/** The pods that the objects make, one of each kind. */
export const podsOf = (objects: readonly Manifest[]): readonly Pod[] => [
  ...ofKind<IDeployment & Manifest>(objects, "Deployment").map((object) =>
    podOf(specOf(object).template, { isService: true, ownClaims: [] }),
  ),
  ...ofKind<IStatefulSet & Manifest>(objects, "StatefulSet").map((object) => {
    const { template, volumeClaimTemplates = [] } = specOf(object);
    return podOf(template, { isService: true, ownClaims: volumeClaimTemplates ?? [] });
  }),
  ...ofKind<ICronJob & Manifest>(objects, "CronJob").map((object) =>
    podOf(specOf(specOf(object).jobTemplate).template, { isService: false, ownClaims: [] }),
  ),
];

/** A selector by labels. */
export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** Whether labels are what a selector asks for; of the expressions it knows In alone. */
export const selects = ({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
  matchExpressions.every(
    ({ key, operator, values = [] }) => operator === "In" && values.includes(labels[key] ?? ""),
  );

/** Where a file lies in a pod: the mount, and what is mounted. */
export function mountOf({ container, spec, ownClaims }: Pod, file: string) {
  const mount = container.volumeMounts
    ?.filter(({ mountPath }) => file === mountPath || file.startsWith(`${mountPath}/`))
    .sort((one, other) => other.mountPath.length - one.mountPath.length)[0];
  if (!mount) return undefined;
  const own = ownClaims.find(({ metadata }) => metadata?.name === mount.name);
  const volume = spec.volumes?.find(({ name }) => name === mount.name);
  return { isWritable: mount.readOnly !== true, own, volume };
}
