import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { scrape } from "../support/metrics.ts";
import { runCli } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const bin = fileURLToPath(new URL("../../interfaces/cli/bin.js", import.meta.url));

/** A deployment that is no demo, and its processes. */
async function deployment(folder: string) {
  const port = await freePort();
  const { stdout } = await runCli(["keys", "generate-master"]);
  writeFileSync(join(folder, "master.key"), stdout, { mode: 0o600 });
  const settings = ["--data-dir", join(folder, "data"), "--port", String(port)];
  const env = { DACAPO_MASTER_KEY_FILE: join(folder, "master.key") };
  return {
    address: `http://127.0.0.1:${port}`,
    async start(command: string, ...more: readonly string[]) {
      const operationsPort = await freePort();
      const args = [bin, command, ...settings, "--operations-port", String(operationsPort), ...more];
      const child = spawn(process.execPath, args, {
        env: { ...process.env, NODE_ENV: "test", ...env },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let log = "";
      child.stderr.on("data", (chunk: Buffer) => {
        log += chunk;
      });
      const closed = once(child, "close");
      return {
        log: () => log,
        operations: `http://127.0.0.1:${operationsPort}`,
        async stop() {
          child.kill("SIGTERM");
          return ((await closed) as [number | null])[0];
        },
      };
    },
  };
}

const readiness = async (base: string) => {
  const response = await fetch(`${base}/readyz`).catch(() => undefined);
  return response && { status: response.status, body: await response.json() };
};

const ready = { status: 200, body: { status: "ready" } };

describe("operationsPort", () => {
  it("tells of a server that waits for a worker, and of the worker", { timeout: 60_000 }, async () => {
    using folder = temporaryFolder();
    const { address, start } = await deployment(folder.path);
    const server = await start("serve", "--no-worker");
    await expect
      .poll(() => readiness(server.operations), { timeout: 20_000 })
      .toMatchObject({ status: 503, body: { reasons: [expect.any(String)] } });
    expect((await fetch(`${server.operations}/livez`)).status).toBe(200);
    const worker = await start("worker");
    try {
      for (const { operations } of [server, worker])
        await expect.poll(() => readiness(operations), { timeout: 20_000 }).toEqual(ready);
      const samples = await scrape(worker.operations);
      expect(samples.get("dacapo_ready")).toBe(1);
      expect(samples.get("dacapo_projection_lag_events")).toBe(0);
      expect(samples.get("dacapo_log_position")).toBe(samples.get("dacapo_projection_position"));
      expect(samples.get("dacapo_signing_key_age_seconds")).toBeGreaterThan(0);
      await expect
        .poll(
          async () =>
            (await scrape(worker.operations)).get('dacapo_job_runs_total{job_name="closures",result="done"}'),
          {
            timeout: 20_000,
            interval: 500,
          },
        )
        .toBeGreaterThan(0);
      // What is served to the world tells nothing of this.
      expect((await fetch(`${address}/metrics`)).status).toBe(404);
      expect((await fetch(`${server.operations}/auth/jwks`)).status).toBe(404);
    } finally {
      expect(await worker.stop()).toBe(0);
      await expect
        .poll(async () => (await scrape(server.operations)).get("dacapo_ready"), { timeout: 10_000 })
        .toBe(0);
      // The log says so, too; and that this deployment began with nothing.
      for (const line of ["there was no log there", '"msg":"ready"', "not ready any more"])
        await expect.poll(server.log, { timeout: 5_000 }).toContain(line);
      expect(await server.stop()).toBe(0);
    }
  });

  it("is named where it is taken", async () => {
    const socket = createServer().listen(0, "127.0.0.1");
    await once(socket, "listening");
    const { port } = socket.address() as { port: number };
    const { code, stderr } = await runCli([
      ...["serve", "--demo", "--ephemeral", "--port", String(await freePort())],
      ...["--operations-port", String(port)],
    ]);
    socket.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port} on 127.0.0.1 is taken; choose another by operationsPort.`);
  });
});
