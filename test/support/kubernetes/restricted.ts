import type { Pod } from "./pods.ts";

/** The kinds of volumes that the profile lets in. */
const volumeKinds = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/**
 * What of a pod the profile "restricted" of the Pod Security Standards would refuse, and what we ask beyond it: a numeric
 * user, a root file system that is read only, and no token for the API.
 */
export function restrictedProblems({ spec, container, component }: Pod): string[] {
  const pod = spec.securityContext;
  const own = container.securityContext;
  const dropped = own?.capabilities?.drop ?? [];
  const rules: readonly (readonly [holds: boolean, what: string])[] = [
    [!spec.hostNetwork && !spec.hostPID && !spec.hostIPC, "shares namespaces with its node"],
    [!own?.privileged && own?.allowPrivilegeEscalation === false, "may get more privileges"],
    [dropped.includes("ALL") && (own?.capabilities?.add ?? []).length === 0, "has capabilities"],
    [(own?.runAsNonRoot ?? pod?.runAsNonRoot) === true, "may run as root"],
    [Number(own?.runAsUser ?? pod?.runAsUser ?? 0) > 0, "has no numeric user other than root"],
    [(own?.seccompProfile ?? pod?.seccompProfile)?.type === "RuntimeDefault", "has no seccomp profile"],
    [(container.ports ?? []).every(({ hostPort }) => !hostPort), "takes a port of its node"],
    [
      (spec.volumes ?? []).every((volume) =>
        Object.keys(volume).every((key) => key === "name" || volumeKinds.includes(key)),
      ),
      "has a volume of a kind that is refused",
    ],
    [own?.readOnlyRootFilesystem === true, "may write to its image"],
    [spec.automountServiceAccountToken === false, "gets a token for the API"],
  ];
  return rules.filter(([holds]) => !holds).map(([, what]) => `${component} ${what}`);
}
