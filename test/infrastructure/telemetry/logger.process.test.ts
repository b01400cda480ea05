import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const logger = fileURLToPath(new URL("../../../infrastructure/telemetry/logger.ts", import.meta.url));

/** What the logger writes of an error that these members were laid upon. */
function logged(members: object): string {
  const program = `
    const { createLogger } = await import(${JSON.stringify(logger)});
    const cause = Object.assign(new Error("the cause"), ${JSON.stringify(members)});
    const error = Object.assign(new Error("the message", { cause }), ${JSON.stringify(members)});
    createLogger("error").error({ err: error }, "it failed");
  `;
  return spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" }).stderr;
}

it("an error is told by its message, stack and code, never by what a client has put into it (I12)", () => {
  const secret = "hunter2";
  const text = logged({
    code: "ECONNREFUSED",
    command: { name: "hello", args: ["3", "AUTH", "default", secret] },
    previousErrors: [{ command: { args: [secret] } }],
    config: { url: `redis://:${secret}@redis` },
  });
  expect(text).not.toContain(secret);
  const { err } = JSON.parse(text);
  expect(err).toMatchObject({ type: "Error", code: "ECONNREFUSED" });
  expect(err.message).toContain("the message");
  expect(err.stack).toContain("the cause");
});
