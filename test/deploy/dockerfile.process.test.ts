import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generateMasterKey } from "../../infrastructure/crypto/key-ring.ts";
import { clone, copyClone, hidden } from "../support/clone-copy.ts";
import { freePort } from "../support/free-port.ts";
import { buildImage, commandOf, type Image } from "../support/image/build.ts";
import { environmentOf, lastOf } from "../support/image/dockerfile.ts";
import { rootsAreMissing } from "../support/image/stage-root.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const missing = rootsAreMissing();
if (missing !== undefined) console.log(`The stages of the image are not carried out: ${missing}`);

/** A container that runs. */
class Container {
  readonly #child: ChildProcess;
  readonly #ended: Promise<[number | null]>;
  #output = "";

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, "close") as Promise<[number | null]>;
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        this.#output += chunk;
      });
  }

  output = () => this.#output;

  /** Its first process, by its number on this machine. */
  get pid(): number {
    const { pid } = this.#child;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8"));
  }

  status = (name: string): string =>
    new RegExp(`^${name}:\\s+(.*)$`, "m").exec(readFileSync(`/proc/${this.pid}/status`, "utf8"))?.[1] ?? "";

  async ended(): Promise<number | null> {
    const [code] = await this.#ended;
    return code;
  }

  /** As `docker stop` ends it. */
  stop(): Promise<number | null> {
    if (this.#child.exitCode === null) process.kill(this.pid, "SIGTERM");
    return this.ended();
  }
}

describe.skipIf(missing !== undefined)("the image, its stages carried out here", () => {
  const folder = temporaryFolder();
  const context = join(folder.path, "context");
  let image: Image;

  beforeAll(async () => {
    copyClone(context);
    image = await buildImage(join(clone, "deploy/Dockerfile"), context, folder.path);
  }, 600_000);
  afterAll(async () => {
    await image?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** Runs containers that share a volume and a machine. */
  async function deployment() {
    const volume = join(folder.path, `volume-${crypto.randomUUID()}`);
    mkdirSync(volume);
    const given = {
      DACAPO_MASTER_KEY: generateMasterKey(),
      DACAPO_PORT: String(await freePort()),
      DACAPO_OPERATIONS_PORT: String(await freePort()),
    };
    const options = {
      env: { ...environmentOf(image.stage), ...given },
      user: lastOf(image.stage, "USER").words[0] ?? "",
      volume: { folder: volume, at: lastOf(image.stage, "VOLUME").words[0] ?? "" },
    };
    const run = (command: readonly string[]) => new Container(image.root.start(command, options));
    async function exec(command: readonly string[]) {
      const container = run(command);
      return { code: await container.ended(), output: container.output() };
    }
    return {
      url: `http://127.0.0.1:${given.DACAPO_PORT}`,
      volume,
      start: (args?: readonly string[]) => run(commandOf(image, args)),
      exec,
      health: () => exec(lastOf(image.stage, "HEALTHCHECK").words),
    };
  }

  it("holds what was compiled and what that needs, and nothing that lay about", () => {
    expect(readdirSync(image.app).sort()).toEqual(["dist", "node_modules", "package.json"]);
    const modules = readdirSync(join(image.app, "node_modules"));
    expect(modules).toContain("fastify");
    for (const development of ["typescript", "vitest", "knip", "playwright-core", "node", "testcontainers"])
      expect(modules).not.toContain(development);
    const built = readdirSync(join(image.app, "dist"), { recursive: true, encoding: "utf8" })
      .map((path) => join(image.app, "dist", path))
      .filter((path) => statSync(path).isFile());
    expect(built.filter((path) => !/\.(js|d\.ts)$/.test(path))).toEqual([]);
    expect(built.filter((path) => readFileSync(path, "utf8") === hidden)).toEqual([]);
  });

  it("serves as a user without privileges where only /data and /tmp can be written, and ends by SIGTERM", async () => {
    const { start, exec, health, url, volume } = await deployment();
    expect(await health()).toMatchObject({ code: 1, output: expect.stringContaining("ECONNREFUSED") });
    const server = start();
    try {
      await expect.poll(async () => (await health()).output, { timeout: 90_000 }).toBe("Alive.\n");
      expect((await health()).code).toBe(0);
      expect(await exec(["dacapo", "health"])).toEqual({ code: 0, output: "Ready.\n" });
      expect((await fetch(`${url}/livez`)).status).toBe(200);
      expect(server.status("NSpid").split(/\s+/).at(-1)).toBe("1");
      expect(server.status("Uid").split(/\s+/)).toEqual(["1000", "1000", "1000", "1000"]);
      expect(server.status("CapBnd")).toMatch(/^0+$/);
      const made = await exec(["dacapo", "client", "create", "--name", "Machine", "--type", "confidential"]);
      expect(made).toMatchObject({ code: 0, output: expect.stringContaining("Client secret: ") });
      for (const path of ["/app/x", "/x", "/usr/local/bin/x"])
        expect((await exec(["touch", path])).output).toContain("Read-only file system");
    } finally {
      const asked = Date.now();
      expect(await server.stop()).toBe(0);
      expect(Date.now() - asked).toBeLessThan(8_000);
    }
    expect(server.output()).toContain("Stopped.");
    expect(existsSync(join(volume, "log.db"))).toBe(true);
    const { mode, uid } = statSync(volume);
    expect([mode & 0o777, uid]).toEqual([0o700, 1000]);
  }, 240_000);

  it("works as a worker, whose health is asked in the same way", async () => {
    const { start, health } = await deployment();
    const worker = start(["worker"]);
    try {
      await expect.poll(async () => (await health()).output, { timeout: 90_000 }).toBe("Alive.\n");
    } finally {
      expect(await worker.stop()).toBe(0);
    }
    expect((await health()).code).toBe(1);
  }, 240_000);

  it("runs one command: a master key is made", async () => {
    const { start } = await deployment();
    const command = start(["keys", "generate-master"]);
    expect(await command.ended()).toBe(0);
    expect(command.output()).toMatch(/^1:[\w-]{43}\n$/);
  });
});
