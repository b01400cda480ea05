import { globSync, readFileSync } from "node:fs";
import { Command } from "commander";
import type { IDeployment } from "kubernetes-models/apps/v1";
import type { IIngress } from "kubernetes-models/networking.k8s.io/v1";
import type { IConfigMap, IEnvVar } from "kubernetes-models/v1";
import { describe, expect, it } from "vitest";
import { findingsOf } from "../../infrastructure/config/findings.ts";
import { checkConfig, loadConfig } from "../../infrastructure/config/load.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { addServerSettings, sourcesOf } from "../../interfaces/cli/options.ts";
import { deployments } from "../support/kubernetes/deployments.ts";
import { type Manifest, ofKind } from "../support/kubernetes/manifests.ts";
import { mountOf, type Pod, podsOf } from "../support/kubernetes/pods.ts";

/** What an operator puts into the Secret of the engines. */
const urls: Readonly<Record<string, string>> = {
  "redis-url": "rediss://:password@redis.redis:6379",
  "eventstore-url": "esdb+discover://user:password@kurrentdb.kurrentdb:2113",
};

/** What a variable of a pod is there: of a Secret, of the pod itself, or said here by the names of variables before it. */
function meaningOf({ name, value, valueFrom }: IEnvVar, before: NodeJS.ProcessEnv): string | undefined {
  if (valueFrom?.secretKeyRef) return urls[valueFrom.secretKeyRef.key];
  if (valueFrom?.fieldRef) return `the pod's ${valueFrom.fieldRef.fieldPath}`;
  return value?.replaceAll(/\$\((\w+)\)/g, (_, other: string) => {
    const known = before[other];
    if (known === undefined) throw new Error(`${name} names ${other}, which does not stand before it`);
    return encodeURIComponent(known);
  });
}

/** The environment of a pod. */
function environmentOf({ container }: Pod, objects: readonly Manifest[]): NodeJS.ProcessEnv {
  const maps = ofKind<IConfigMap & Manifest>(objects, "ConfigMap");
  const environment: NodeJS.ProcessEnv = {};
  for (const { configMapRef } of container.envFrom ?? [])
    Object.assign(environment, maps.find(({ metadata }) => metadata.name === configMapRef?.name)?.data);
  for (const variable of container.env ?? []) environment[variable.name] = meaningOf(variable, environment);
  return environment;
}

/** The configuration that a pod has. @throws {ConfigurationError} also of a variable that is no setting */
function configOf(pod: Pod, objects: readonly Manifest[]): Config {
  const [, ...args] = pod.container.args ?? [];
  const command = addServerSettings(new Command("serve")).exitOverride();
  const { flags = {} } = sourcesOf(command.parse(args, { from: "user" }));
  return loadConfig({ flags, env: environmentOf(pod, objects) });
}

/** A quantity such as 1Gi, in MiB. */
const mebibytes = (quantity: string | number | undefined): number => {
  const [, amount, unit] = /^(\d+)(Mi|Gi)$/.exec(String(quantity)) ?? [];
  return Number(amount) * (unit === "Gi" ? 1024 : 1);
};

it.each(globSync("deploy/kubernetes/**/settings.env").sort())("%s names settings that there are", (file) => {
  const lines = readFileSync(file, "utf8").matchAll(/^(\w+)=(.*)$/gm);
  const env = Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
  expect(Object.keys(env)).toContain(file.includes("base") ? "DACAPO_DATA_DIR" : "DACAPO_ISSUER");
  expect(checkConfig({ env }).problems).toBeUndefined();
});

describe.each(deployments)("%s", (name, objects) => {
  const configured = podsOf(objects).map((pod) => ({ pod, config: configOf(pod, objects) }));
  const hasShared = !name.includes("no-shared-storage");

  it("has settings that there are, and none that is unsafe", () => {
    // The list of erasures is where other machines do not see it: the page says what follows.
    for (const { config } of configured)
      expect(findingsOf(config).map(({ setting }) => setting)).toEqual(hasShared ? [] : ["erasureList"]);
  });

  it("listens where probes and services look for it", () => {
    for (const { pod, config } of configured.filter(({ pod: { isService } }) => isService)) {
      const ports = new Map(pod.container.ports?.map(({ name, containerPort }) => [name, containerPort]));
      const { host, operationsHost, operationsPort, port } = config;
      expect([host, operationsHost]).toEqual(["0.0.0.0", "0.0.0.0"]);
      expect(ports.get("operations")).toBe(operationsPort);
      expect(ports.get("web")).toBe(pod.component === "serve" ? port : undefined);
    }
  });

  it("is known to the ingress by the host of its issuer", () => {
    const [ingress] = ofKind<IIngress & Manifest>(objects, "Ingress");
    const host = new URL(configured[0]?.config.issuer ?? "").hostname;
    expect(ingress?.spec?.rules?.map((rule) => rule.host)).toEqual([host]);
    expect(ingress?.spec?.tls?.flatMap(({ hosts }) => hosts)).toEqual([host]);
  });

  it("has one projector where log and read models are files, and any number elsewhere", () => {
    const [deployment] = ofKind<IDeployment & Manifest>(objects, "Deployment");
    const isEmbedded = configured.some(({ config }) => config.eventstoreUrl === undefined);
    const serve = configured.find(({ pod }) => pod.component === "serve")?.config;
    expect(serve?.worker).toBe(isEmbedded);
    expect(deployment?.spec?.strategy?.type).toBe(isEmbedded ? "Recreate" : "RollingUpdate");
    expect(deployment?.spec?.replicas).toBe(isEmbedded ? 1 : undefined);
    expect(configured.map(({ pod }) => pod.component)).toContain(isEmbedded ? "serve" : "worker");
  });

  it("finds each file that it is told of in a volume that is right for it", () => {
    for (const { pod, config } of configured) {
      const { masterKeyFile, dataDir, erasureList, archiveDir, redisCaFile, tlsCertFile, tlsKeyFile } =
        config;
      const read = [
        masterKeyFile,
        redisCaFile,
        ...(pod.component === "serve" ? [tlsCertFile, tlsKeyFile] : []),
      ];
      for (const file of read.filter((path) => path !== undefined)) {
        const mount = mountOf(pod, file);
        expect(mount?.volume?.secret, `${pod.component}: ${file}`).toBeDefined();
        expect(mount?.isWritable).toBe(false);
      }
      for (const scratch of ["/tmp", dataDir]) expect(mountOf(pod, scratch)?.isWritable, scratch).toBe(true);
      for (const file of [erasureList, archiveDir]) {
        const mount = mountOf(pod, file ?? "");
        const claim = mount?.volume?.persistentVolumeClaim?.claimName;
        if (hasShared) expect(claim).toBe("dacapo-shared");
        // Servers write there, too: who is erased by the admin API.
        if (hasShared) expect(mount?.isWritable).toBe(true);
        else expect(mount?.own !== undefined).toBe(pod.component === "worker");
      }
    }
  });

  it("keeps SQLite files on a volume that one pod has", () => {
    const writers = configured.filter(
      ({ pod, config }) => pod.component === "worker" || config.eventstoreUrl === undefined,
    );
    for (const { pod, config } of writers) {
      const mount = mountOf(pod, config.dataDir);
      const claim =
        mount?.own ??
        objects.find(({ metadata }) => metadata.name === mount?.volume?.persistentVolumeClaim?.claimName);
      expect(claim).toMatchObject({ spec: { accessModes: ["ReadWriteOnce"] } });
    }
    expect(writers.length).toBeGreaterThan(0);
  });

  it("gives a server that ends the time for what a request may take", () => {
    for (const { pod, config } of configured.filter(({ pod: { component } }) => component === "serve")) {
      const turnedAway = pod.container.lifecycle?.preStop?.sleep?.seconds ?? 0;
      const needed = turnedAway + config.visibilityTimeoutSeconds;
      // Where nobody else answers meanwhile, waiting would only lengthen the absence.
      expect(turnedAway > 0).toBe(!config.worker);
      expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(2 * needed);
    }
  });

  it("leaves memory to what is not V8's", () => {
    for (const { pod } of configured) {
      const [, used] =
        /--max-old-space-size=(\d+)/.exec(environmentOf(pod, objects).NODE_OPTIONS ?? "") ?? [];
      expect(Number(used)).toBeLessThan(0.7 * mebibytes(pod.container.resources?.limits?.memory));
    }
  });
});

it.each(deployments.filter(([name]) => name.includes("patch")))(
  "%s gives each worker a place of its own for checkpoints",
  (_name, objects) => {
    const places = podsOf(objects).map((pod) => [pod.component, configOf(pod, objects).checkpointTo]);
    expect(Object.fromEntries(places)).toEqual({
      ...{ serve: undefined, command: undefined },
      worker: "https://checkpoints.example.com/the%20pod's%20metadata.name",
    });
  },
);
