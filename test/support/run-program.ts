import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";

/** What a program printed, on both streams. */
export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program in a folder, with the Node of the tests as the first one that it finds. */
export async function runProgram(
  [program = "", ...args]: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Record<string, string> },
): Promise<Ran> {
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, PATH: path, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

/** The same where it must end well. @throws {Error} with all that it printed */
export async function mustRun(...asked: Parameters<typeof runProgram>): Promise<string> {
  const { code, output } = await runProgram(...asked);
  if (code !== 0) throw new Error(`${asked[0].join(" ")} ended with ${code}:\n${output}`);
  return output;
}
