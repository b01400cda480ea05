import { text } from "node:stream/consumers";
import { CommandError } from "./command-error.ts";

/** Reads a secret: from a hidden prompt at a terminal, else the first line of standard input. Never from arguments. */
export async function readSecret(
  question: string,
  { confirm }: { readonly confirm: boolean },
): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).split(/\r?\n/)[0] ?? "";
  const { default: password } = await import("@inquirer/password");
  const first = await password({ message: question, mask: true });
  if (confirm && (await password({ message: `${question} (again)`, mask: true })) !== first)
    throw new CommandError("The two entries differ.");
  return first;
}
