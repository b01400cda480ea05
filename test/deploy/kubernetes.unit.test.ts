import type { IHorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2";
import type { IIngress, INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1";
import type { IService } from "kubernetes-models/v1";
import { describe, expect, it } from "vitest";
import { deployments, page } from "../support/kubernetes/deployments.ts";
import { type Manifest, objectsOf, ofKind, resourceFiles } from "../support/kubernetes/manifests.ts";
import { type Pod, podsOf, type Selector, selects } from "../support/kubernetes/pods.ts";
import { restrictedProblems } from "../support/kubernetes/restricted.ts";
import { schemaProblems } from "../support/kubernetes/schemas.ts";

/** The Secrets that the page tells an operator to make, with their keys. */
const secrets = new Map(
  [...page.replaceAll("\\\n", " ").matchAll(/create secret (generic|tls) (\S+)(.*)/g)].map(
    ([, type, name = "", rest = ""]) => [
      name,
      type === "tls"
        ? ["tls.crt", "tls.key"]
        : [...rest.matchAll(/--from-file=([^=\s]+)/g)].map(([, key]) => key),
    ],
  ),
);

const names = (objects: readonly Manifest[], kind: string) =>
  objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);

const portsOf = ({ container }: Pod) => (container.ports ?? []).map(({ name }) => name);

describe("the schemas of Kubernetes", () => {
  const [deployment] = objectsOf("base/serve.yaml") as [Manifest & { spec: Record<string, unknown> }];

  it.each<[string, object]>([
    ["a field that there is not", { replicaz: 3 }],
    ["a field that there is not, further in", { strategy: { rollingUpdate: { maxSurge: 1, maxSurges: 1 } } }],
    ["another type", { replicas: "3" }],
    ["a value that there is not", { strategy: { type: "Replace" } }],
    ["a required field that is missing", { selector: undefined }],
  ])("refuse %s", async (_, change) => {
    const changed = { ...deployment, spec: { ...deployment.spec, ...change } };
    expect(await schemaProblems([JSON.parse(JSON.stringify(changed))])).toHaveLength(1);
  });

  it("refuse a kind that there is not, or not for long", async () => {
    const other = (apiVersion: string) => schemaProblems([{ ...deployment, apiVersion }]);
    expect(await other("apps/v3")).toEqual(["Deployment dacapo-serve: there is no apps/v3 Deployment"]);
    expect(await other("apps/v1beta1")).toEqual(["Deployment dacapo-serve: apps/v1beta1 is not stable"]);
  });

  it("hold for every file", async () => {
    expect(resourceFiles.length).toBeGreaterThan(5);
    expect(await schemaProblems(resourceFiles.flatMap(objectsOf))).toEqual([]);
  });

  it("hold for all that is deployed", { timeout: 60_000 }, async () => {
    expect(await schemaProblems(deployments.flatMap(([, objects]) => objects))).toEqual([]);
  });
});

describe("the profile restricted", () => {
  it("refuses a pod that may run as root, or gets more privileges", () => {
    const [pod] = podsOf(objectsOf("base/serve.yaml")) as [Pod];
    expect(restrictedProblems(pod)).toEqual([]);
    const loose = { ...pod, spec: { ...pod.spec, securityContext: {} } };
    expect(restrictedProblems(loose)).toEqual([
      "serve may run as root",
      "serve has no numeric user other than root",
      "serve has no seccomp profile",
    ]);
    const strong = { ...pod, container: { ...pod.container, securityContext: { privileged: true } } };
    expect(restrictedProblems(strong)).toHaveLength(3);
  });
});

describe.each(deployments)("%s", (_name, objects) => {
  const pods = podsOf(objects);
  const services = ofKind<IService & Manifest>(objects, "Service");
  const policies = ofKind<INetworkPolicy & Manifest>(objects, "NetworkPolicy");
  const selected = (selector: Selector | undefined) =>
    pods.filter(({ labels }) => selects(selector ?? {}, labels)).map(({ component }) => component);

  it("is in one namespace, under one label by which all of it is found", () => {
    expect(pods.length).toBeGreaterThan(0);
    for (const { metadata } of objects) {
      expect(metadata.namespace).toBe("dacapo");
      expect(metadata.labels?.["app.kubernetes.io/name"]).toBe("dacapo");
    }
  });

  it("runs pods that the profile restricted lets in", () => {
    expect(pods.flatMap(restrictedProblems)).toEqual([]);
  });

  it("selects pods that there are", () => {
    for (const { spec } of objects as (Manifest & { spec?: { selector?: Selector; template?: unknown } })[])
      if (spec?.template) expect(selected(spec.selector)).toHaveLength(1);
    for (const { spec } of services) {
      const [component, ...others] = selected({ matchLabels: spec?.selector ?? {} });
      expect(others).toEqual([]);
      const pod = pods.find((other) => other.component === component) as Pod;
      for (const { targetPort } of spec?.ports ?? []) expect(portsOf(pod)).toContain(targetPort);
    }
    for (const { spec } of ofKind<IPodDisruptionBudget & Manifest>(objects, "PodDisruptionBudget"))
      expect(selected(spec?.selector as Selector)).toHaveLength(1);
    for (const { spec, labels, component } of pods)
      for (const { labelSelector } of spec.topologySpreadConstraints ?? [])
        expect(selects(labelSelector as Selector, labels), component).toBe(true);
  });

  it("names objects that there are, or that the page tells how to make", () => {
    for (const { spec, container, ownClaims } of pods) {
      expect(names(objects, "ServiceAccount")).toContain(spec.serviceAccountName);
      for (const { configMapRef } of container.envFrom ?? [])
        expect(names(objects, "ConfigMap")).toContain(configMapRef?.name);
      for (const { secretKeyRef } of (container.env ?? []).map(({ valueFrom }) => valueFrom ?? {}))
        if (secretKeyRef) expect(secrets.get(secretKeyRef.name ?? "")).toContain(secretKeyRef.key);
      for (const { secret, persistentVolumeClaim: claim } of spec.volumes ?? []) {
        if (secret) expect([...secrets.keys()]).toContain(secret.secretName);
        if (claim) expect(names(objects, "PersistentVolumeClaim")).toContain(claim.claimName);
      }
      const volumes = [...(spec.volumes ?? []), ...ownClaims.map(({ metadata }) => metadata)];
      const mounts = container.volumeMounts ?? [];
      expect(mounts.map(({ name }) => name).sort()).toEqual(volumes.map((volume) => volume?.name).sort());
    }
    for (const { spec } of ofKind<IHorizontalPodAutoscaler & Manifest>(objects, "HorizontalPodAutoscaler"))
      expect(names(objects, "Deployment")).toContain(spec?.scaleTargetRef.name);
    for (const { spec } of ofKind<IIngress & Manifest>(objects, "Ingress"))
      for (const { http } of spec?.rules ?? [])
        for (const { backend } of http?.paths ?? []) {
          const service = services.find(({ metadata }) => metadata.name === backend.service?.name);
          expect(service?.spec?.ports?.map(({ name }) => name)).toContain(backend.service?.port?.name);
        }
  });

  it("holds no Secret: those are made by the operator", () => {
    expect(names(objects, "Secret")).toEqual([]);
  });

  it("probes each pod that runs for ever, at the port for operations", () => {
    for (const pod of pods.filter(({ isService }) => isService)) {
      const { startupProbe, livenessProbe, readinessProbe } = pod.container;
      const asked = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet);
      expect(asked).toEqual(["/livez", "/livez", "/readyz"].map((path) => ({ path, port: "operations" })));
      expect(portsOf(pod)).toContain("operations");
    }
  });

  it("lets nothing in or out of any pod but by a policy that names it", () => {
    const closed = policies.filter(({ spec }) => !spec?.ingress && !spec?.egress);
    expect(closed.map(({ spec }) => spec?.policyTypes)).toEqual([["Ingress", "Egress"]]);
    expect(selected(closed[0]?.spec?.podSelector as Selector)).toEqual(
      pods.map(({ component }) => component),
    );
    for (const { spec, metadata } of policies) {
      const reached = selected(spec?.podSelector as Selector);
      expect(reached, metadata.name).not.toEqual([]);
      // A rule without a peer is for everybody, and one without ports for all of them.
      for (const rule of [...(spec?.ingress ?? []), ...(spec?.egress ?? [])]) {
        const peers = "from" in rule ? rule.from : "to" in rule ? rule.to : [];
        expect(peers?.length, metadata.name).toBeGreaterThan(0);
        expect(rule.ports?.length, metadata.name).toBeGreaterThan(0);
      }
      for (const { ports = [] } of spec?.ingress ?? [])
        for (const { port } of ports ?? []) expect(pods.flatMap(portsOf), metadata.name).toContain(port);
    }
    const toWeb = policies.filter(({ spec }) =>
      spec?.ingress?.some(({ ports }) => ports?.some(({ port }) => port === "web")),
    );
    expect(toWeb.flatMap(({ spec }) => selected(spec?.podSelector as Selector))).toEqual(["serve"]);
  });
});
