import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { checkConfig } from "../../infrastructure/config/load.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { addServerSettings, addSettings, allSettings, sourcesOf } from "../../interfaces/cli/options.ts";
import { clone } from "../support/clone-copy.ts";
import { environmentOf, lastOf, readDockerfile } from "../support/image/dockerfile.ts";

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[] };
  readonly user?: string;
}

const folder = join(clone, "deploy");
const { services, volumes } = parse(readFileSync(join(folder, "compose.yaml"), "utf8"), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: object;
};
const [, image] = readDockerfile(readFileSync(join(folder, "Dockerfile"), "utf8"));
if (!image) throw new Error("there is no image");
const ours = Object.entries(services).filter(([, service]) => service.image === "dacapo");

/** As compose fills in what the environment does not say. */
const withDefaults = (text: string): string => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");

/** What a service would be told, by the variables of the image, its own, and its flags. */
function configOf({ environment = {}, command: [name = "", ...flags] }: Service): Config | undefined {
  const known = new Command(name).exitOverride();
  const command = name === "serve" ? addServerSettings(known) : addSettings(known, allSettings);
  const own = Object.entries(environment).map(([variable, value]) => [variable, withDefaults(value)]);
  const env = { ...environmentOf(image as NonNullable<typeof image>), ...Object.fromEntries(own) };
  const checked = checkConfig({ ...sourcesOf(command.parse(flags, { from: "user" })), env });
  expect(checked.problems).toBeUndefined();
  return checked.config;
}

describe("the deployment by compose", () => {
  it("has servers, workers, what they need, and a proxy", () => {
    expect(Object.keys(services).sort()).toEqual([
      ...["eventstore", "master-key", "proxy", "redis", "serve", "worker"],
    ]);
    expect(ours.map(([name]) => name).sort()).toEqual(["master-key", "serve", "worker"]);
  });

  it.each(ours)("builds %s by the file that is there", (_, { build }) => {
    const context = resolve(folder, build?.context ?? "");
    expect(context).toBe(clone);
    expect(existsSync(join(context, build?.dockerfile ?? ""))).toBe(true);
  });

  it.each(ours)("lets %s write to its volumes and /tmp alone, without privileges", (_, service) => {
    expect(service).toMatchObject({
      read_only: true,
      tmpfs: ["/tmp"],
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
  });

  it("tells servers and workers one and the same, in settings that there are", () => {
    const [server, worker] = ["serve", "worker"].map((name) => configOf(services[name] as Service));
    expect(server).toMatchObject({
      host: "0.0.0.0",
      worker: false,
      operationsHost: "0.0.0.0",
      operationsPort: 9464,
    });
    expect(worker).toEqual({ ...server, worker: true });
  });

  it.each(["serve", "worker"])("mounts every folder that %s is told of, as the user of the image", (name) => {
    const { volumes: mounted = [], user, ...service } = services[name] as Service;
    const at = mounted.map((volume) => volume.split(":")[1] ?? "");
    const config = configOf({ ...service, command: services[name]?.command ?? [] });
    for (const path of [config?.dataDir, config?.masterKeyFile, config?.erasureList, config?.archiveDir])
      expect(at.some((folder) => path === folder || path?.startsWith(`${folder}/`))).toBe(true);
    expect(user).toBeUndefined();
  });

  it("names only volumes that there are, and no other", () => {
    const named = Object.values(services).flatMap(({ volumes: mounted = [] }) =>
      mounted.map((volume) => volume.split(":")[0] ?? ""),
    );
    expect([...new Set(named)].sort()).toEqual(Object.keys(volumes).sort());
  });

  it("waits only for what can be waited for", () => {
    for (const { depends_on = {} } of Object.values(services))
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(services).toHaveProperty(name);
        if (condition === "service_healthy") expect(services[name]?.healthcheck?.test).toBeDefined();
      }
  });

  it("gives the volumes of the first start to the user of the image", () => {
    const [script = ""] = services["master-key"]?.command ?? [];
    expect(script).toContain(`chown -R ${lastOf(image, "USER").words[0]} /keys /archive /erasures`);
  });
});
