import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromiumIsMissing, findChromium } from "./chromium.ts";
import { findPython, pythonIsMissing } from "./python.ts";
import { findRedis, redisIsMissing } from "./redis-binary.ts";

/** What some tests need beyond Node: how it is found, its Debian package, and what is said where it is missing. */
const needs = [
  { find: findChromium, debianPackage: "chromium", message: `${chromiumIsMissing}; test/browser needs it` },
  {
    find: findPython,
    debianPackage: "python3-httpx",
    message: `${pythonIsMissing}; test/clients/guide and the test of the log in a terminal need it`,
  },
  {
    find: findRedis,
    debianPackage: "redis-server",
    message: `${redisIsMissing}; test/faults and the tests of what uses Redis need it`,
  },
];

const missing = () => needs.filter(({ find }) => find() === undefined);

function aptGet(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  execFileSync("apt-get", args, { env, stdio: ["ignore", "ignore", "inherit"], timeout: 600_000 });
}

function install(debianPackages: readonly string[]): void {
  console.log(`Installing ${debianPackages.join(" and ")} for the tests …`);
  try {
    aptGet("update");
    aptGet("install", "-y", "--no-install-recommends", ...debianPackages);
  } catch (error) {
    console.log(`apt-get failed: ${(error as Error).message}`);
  }
}

/** Before any test: root on a Debian gets what is missing; for everyone else it is named. */
export default function prepare(): void {
  const isDebianRoot = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (isDebianRoot && missing().length > 0) install(missing().map(({ debianPackage }) => debianPackage));
  for (const { message } of missing()) console.log(message);
}
