import type { Tokens } from "../../test/support/code-flow.ts";
import { postForm } from "../../test/support/requests.ts";
import {
  type CliResult,
  runCli,
  type ServerProcess,
  startServer,
} from "../../test/support/server-process.ts";

/** A demo server of its own to which something happens, and what an engineer types afterwards. */
export interface Scene extends AsyncDisposable {
  readonly server: ServerProcess;
  /** Tells what happens. */
  say(text: string): void;
  /** Types a command on the data of the server: prints it as typed, and what it answers. `input` is its standard input. */
  type(command: string, input?: string): Promise<string>;
  /** Types a command somewhere else, where there is nothing but the files that it names. */
  typeElsewhere(command: string): Promise<string>;
  /** Asks the token endpoint for new tokens; prints its answer where that is a refusal. */
  refresh(refreshToken: string): Promise<Tokens | undefined>;
}

/** Words of a command line; `'…'` holds a space. */
const wordsOf = (command: string): string[] =>
  (command.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'|'$/g, ""));

/** Sets the scene, with these flags for the server. */
export async function setScene(...flags: readonly string[]): Promise<Scene> {
  const server = await startServer({ flags });
  // Files of this scene by their names alone.
  const print = (text: string) => console.log(text.replaceAll(`${server.dataDir}/`, "").trimEnd());

  async function type(
    command: string,
    run: (words: readonly string[]) => Promise<CliResult>,
  ): Promise<string> {
    print(`\n$ dacapo ${command}`);
    const { code, stdout, stderr } = await run(wordsOf(command));
    if (stderr !== "") print(stderr);
    if (stdout !== "") print(stdout);
    if (code !== 0) print(`(exit code ${code})`);
    return stdout;
  }

  return {
    server,
    say: (text) => print(`\n# ${text}`),
    type: (command, input = "") => type(command, (words) => server.cli(words, input)),
    typeElsewhere: (command) => type(command, (words) => runCli(words)),
    async refresh(refreshToken) {
      const form = { grant_type: "refresh_token", refresh_token: refreshToken, client_id: server.clientId };
      const response = await postForm(`${server.issuer}/auth/token`, form);
      const answer = (await response.json()) as Tokens;
      if (response.status === 200) return answer;
      print(`${response.status} ${JSON.stringify(answer)}`);
      return undefined;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A moment that lies between two events: nothing else happens in its millisecond. */
export async function moment(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  const now = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 20));
  return now;
}
