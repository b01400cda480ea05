import type { CliResult } from "./server-process.ts";

type Facts = Readonly<Record<string, string>>;

/** The rows that a command printed with --json; throws where it failed. */
export function rowsOf({ code, stdout, stderr }: CliResult): readonly Facts[] {
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line));
}

/** The one JSON object that a command printed; throws where it failed. */
export function factsOf(result: CliResult): Facts {
  const [facts] = rowsOf(result);
  if (!facts) throw new Error("the command printed nothing");
  return facts;
}
