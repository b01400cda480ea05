import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { freePort } from "../../support/free-port.ts";
import { startRedisServer } from "../../support/redis-server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const bin = fileURLToPath(new URL("../../../interfaces/cli/bin.js", import.meta.url));

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, NODE_ENV: "test" } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  const closed = once(child, "close");
  return {
    output: () => output,
    closed: closed.then(([code]) => code as number | null),
    async stop() {
      child.kill("SIGTERM");
      return ((await closed) as [number | null])[0];
    },
  };
}

it("serve --no-worker listens at once and says what it waits for, until a worker runs", async () => {
  using folder = temporaryFolder();
  const port = String(await freePort());
  const settings = ["--demo", "--data-dir", folder.path, "--port", port];
  const readiness = async () => {
    const response = await fetch(`http://localhost:${port}/readyz`).catch(() => undefined);
    return response && { status: response.status, body: await response.json() };
  };
  const server = start(["serve", "--no-worker", ...settings]);
  try {
    await expect.poll(readiness, { timeout: 10_000 }).toEqual({
      status: 503,
      body: { status: "not ready", reasons: ["the read models are stale: no projector keeps up"] },
    });
    const worker = start(["worker", ...settings]);
    await expect.poll(async () => (await readiness())?.status, { timeout: 10_000 }).toBe(200);
    await expect.poll(server.output, { timeout: 10_000 }).toContain("Introspection secret");
    expect(worker.output()).toContain("worker: projector and jobs are running");
    expect(await worker.stop()).toBe(0);
    await expect.poll(async () => (await readiness())?.status, { timeout: 10_000 }).toBe(503);
  } finally {
    expect(await server.stop()).toBe(0);
  }
});

it("serve --no-worker listens while an engine cannot be reached, and serves when it can", async () => {
  using folder = temporaryFolder();
  const [port, redisPort] = [String(await freePort()), await freePort()];
  const base = `http://localhost:${port}`;
  const settings = [
    "--demo",
    "--data-dir",
    folder.path,
    "--port",
    port,
    "--redis-url",
    `redis://127.0.0.1:${redisPort}`,
  ];
  const statusOf = async (path: string) => (await fetch(base + path).catch(() => undefined))?.status;
  const server = start(["serve", "--no-worker", ...settings]);
  const running: { stop(): Promise<unknown> }[] = [server];
  try {
    await expect.poll(() => statusOf("/readyz"), { timeout: 10_000 }).toBe(503);
    await expect
      .poll(async () => (await fetch(`${base}/readyz`)).json(), { timeout: 15_000 })
      .toMatchObject({ status: "not ready", reasons: [expect.stringContaining("Redis")] });
    expect(await statusOf("/livez")).toBe(200);
    const refused = await fetch(`${base}/auth/token`, { method: "POST" });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: "temporarily_unavailable" });
    const redis = await startRedisServer({ port: redisPort });
    running.push({ stop: () => redis.stop() });
    running.unshift(start(["worker", ...settings]));
    await expect.poll(() => statusOf("/readyz"), { timeout: 20_000 }).toBe(200);
    expect(await statusOf("/auth/jwks")).toBe(200);
  } finally {
    for (const process of running) await process.stop();
  }
});

it("serve --no-worker does not wait for what no waiting heals", async () => {
  using folder = temporaryFolder();
  await using redis = await startRedisServer({ config: ["maxmemory-policy allkeys-lru"] });
  const port = String(await freePort());
  const settings = ["--demo", "--data-dir", folder.path, "--port", port, "--redis-url", redis.url];
  const server = start(["serve", "--no-worker", ...settings]);
  expect(await server.closed).toBe(1);
  expect(server.output()).toMatch(/redisUrl: .*maxmemory-policy/);
});

it("serve --no-worker ends where its port is taken, also while an engine is away", async () => {
  using folder = temporaryFolder();
  await using other = await startRedisServer();
  const away = `redis://127.0.0.1:${await freePort()}`;
  const settings = ["--demo", "--data-dir", folder.path, "--port", String(other.port), "--redis-url", away];
  const server = start(["serve", "--no-worker", ...settings]);
  expect(await server.closed).toBe(1);
  expect(server.output()).toContain(`Port ${other.port} on 127.0.0.1 is taken`);
});

it("serve ends, and listens no more, where its jobs cannot be started", async () => {
  using folder = temporaryFolder();
  await using redis = await startRedisServer({ config: ["maxclients 1"] });
  const port = String(await freePort());
  const settings = ["--demo", "--data-dir", folder.path, "--port", port, "--redis-url", redis.url];
  const server = start(["serve", ...settings]);
  expect(await server.closed).toBe(1);
}, 60_000);
