import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { clone } from "../support/clone-copy.ts";

const promtool = (...args: readonly string[]) =>
  spawnSync("promtool", args, { cwd: clone, encoding: "utf8" });

const { error: isMissing } = promtool("--version");
const reason = "there is no promtool here";

it("the alerts are rules that Prometheus takes", ({ skip }) => {
  skip(isMissing !== undefined, reason);
  const { status, stderr } = promtool("check", "rules", "deploy/monitoring/alerts.yaml");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

it("fire where a worker is left alone, and where it is ready for moments only", ({ skip }) => {
  skip(isMissing !== undefined, reason);
  const { status, stdout, stderr } = promtool("test", "rules", "test/fixtures/monitoring/alerts.test.yaml");
  expect(status, stdout + stderr).toBe(0);
});
