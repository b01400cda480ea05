import type { Tokens } from "../../test/support/code-flow.ts";
import { postForm } from "../../test/support/requests.ts";
import { type ServerProcess, startServer } from "../../test/support/server-process.ts";

/** A demo server of its own to which something happens, and what an engineer types afterwards. */
export interface Scene extends AsyncDisposable {
  readonly server: ServerProcess;
  /** Tells what happens. */
  say(text: string): void;
  /** Types a command: prints it as typed, and what it answers. `input` goes to its standard input. */
  type(command: string, input?: string): Promise<string>;
  /** Asks the token endpoint for new tokens; prints its answer where that is a refusal. */
  refresh(refreshToken: string): Promise<Tokens | undefined>;
}

/** Words of a command line; `'…'` holds a space. */
const wordsOf = (command: string): string[] =>
  (command.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'|'$/g, ""));

/** Sets the scene, with these flags for the server. */
export async function setScene(...flags: readonly string[]): Promise<Scene> {
  const server = await startServer({ flags });
  const print = (text: string) => console.log(text.trimEnd());
  return {
    server,
    say: (text) => print(`\n# ${text}`),
    async type(command, input) {
      print(`\n$ dacapo ${command}`);
      const { code, stdout, stderr } = await server.cli(wordsOf(command), input ?? "");
      if (stderr !== "") print(stderr);
      if (stdout !== "") print(stdout);
      if (code !== 0) print(`(exit code ${code})`);
      return stdout;
    },
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
