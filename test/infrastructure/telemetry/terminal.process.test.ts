import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { terminalLine } from "../../../infrastructure/telemetry/terminal-line.ts";
import { findPython, pythonIsMissing } from "../../support/python.ts";

const time = new Date(2026, 0, 2, 3, 4, 5).getTime();
const lineOf = (members: object): string => terminalLine(JSON.stringify({ time, level: 20, ...members }));

describe("a line for a terminal", () => {
  it("is the time, the request and the message", () => {
    expect(lineOf({ requestId: "b2a1", actor: "system", msg: "grant g: ended" })).toBe(
      "03:04:05 b2a1 grant g: ended\n",
    );
    expect(lineOf({ msg: "the projector goes on" })).toBe("03:04:05 the projector goes on\n");
  });

  it("says that something is wrong, and where", () => {
    expect(lineOf({ level: 50, msg: "a job failed", err: { stack: "Error: why\n    at work" } })).toBe(
      "03:04:05 ERROR a job failed\nError: why\n    at work\n",
    );
    expect(lineOf({ level: 40, reason: "no Redis", msg: "waiting" })).toBe(
      "03:04:05 WARN waiting reason=no Redis\n",
    );
  });

  it("moves no cursor and begins no line of its own", () => {
    expect(lineOf({ msg: "a\u001b[2Jb\r\n03:04:05 forged" })).toBe("03:04:05 a [2Jb  03:04:05 forged\n");
  });
});

const logger = fileURLToPath(new URL("../../../infrastructure/telemetry/logger.ts", import.meta.url));
const program = `
  const { createLogger } = await import(${JSON.stringify(logger)});
  createLogger("debug").debug({ requestId: "b2a1", password: "hunter2" }, "grant g: ended");
`;
const node = [process.execPath, "--input-type=module", "-e", program];

/** Its standard library makes terminals, which Node's does not. */
const python = findPython();

it.skipIf(!python && process.env.CI !== "true")("is what the logger writes where a person watches", () => {
  if (!python) throw new Error(pythonIsMissing);
  const inTerminal = "import json, pty, sys; pty.spawn(json.loads(sys.argv[1]))";
  const watched = spawnSync(python, ["-c", inTerminal, JSON.stringify(node)], {
    encoding: "utf8",
    input: "",
  });
  expect(watched.stdout).toMatch(/^\d\d:\d\d:\d\d b2a1 grant g: ended\r?\n$/);
});

it("is not what the logger writes elsewhere, but JSON without secrets", () => {
  const [command = "", ...args] = node;
  const piped = spawnSync(command, args, { encoding: "utf8" });
  expect(JSON.parse(piped.stderr)).toMatchObject({
    requestId: "b2a1",
    msg: "grant g: ended",
    password: "[secret]",
  });
});
