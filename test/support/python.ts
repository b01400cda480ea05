import { spawnSync } from "node:child_process";

const canImportHttpx = (python: string): boolean =>
  spawnSync(python, ["-c", "import httpx"], { stdio: "ignore" }).status === 0;

/** A Python that has httpx, which the guide's programs use. */
export const findPython = (): string | undefined => ["python3", "/usr/bin/python3"].find(canImportHttpx);

/** What is said where there is none. */
export const pythonIsMissing = "python3 with httpx is missing";
