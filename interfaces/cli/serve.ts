import type { Command } from "commander";
import type { Config } from "../../infrastructure/config/schema.ts";
import { start } from "../embedded/start.ts";
import { createClosing } from "./closing.ts";
import { demoBanner } from "./demo.ts";
import { addServerSettings, configOf } from "./options.ts";
import { stopOnSignal } from "./stop.ts";
import { version } from "./version.ts";

function banner({ issuer, demo, mcp }: Config): string {
  return [
    `Dacapo ${version} at ${issuer}${demo ? " (demo, never for production)" : ""}`,
    ...(mcp ? [`  MCP       ${issuer}/mcp`] : []),
    `  Sign in   ${issuer}/auth/login`,
    `  Metadata  ${issuer}/.well-known/oauth-authorization-server`,
    `  Keys      ${issuer}/auth/jwks`,
    `  Health    ${issuer}/health`,
  ].join("\n");
}

async function serve(given: Config): Promise<void> {
  const closing = createClosing();
  stopOnSignal(closing.close);
  try {
    // Windows has no such signal, and ends a process that gets what Node calls so.
    const hangUps = process.platform === "win32" ? undefined : process;
    const { config, prepared } = await start(given, closing, hangUps);
    console.log(banner(config));
    const demo = await prepared;
    console.log(demo ? `\n${demoBanner(demo, config)}` : "");
  } catch (error) {
    if (closing.signal.aborted) return;
    await closing.close();
    throw error;
  }
}

/** dacapo serve: the server. */
export function addServeCommand(program: Command): void {
  addServerSettings(program.command("serve").description("run the authorization server")).action(
    (_options, command: Command) => serve(configOf(command)),
  );
}
