import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { CommandError } from "../command-error.ts";

/** Bytes of the largest document that is read whole. */
const maxDocument = 256 * 1024 * 1024;
/** Characters of the longest line. */
const maxLine = 1024 * 1024;

/** A file, or standard input for `-`, as text in UTF-8. */
export function openInput(file: string): Readable {
  const input = file === "-" ? process.stdin : createReadStream(file);
  input.setEncoding("utf8");
  return input;
}

async function* chunksOf(input: Readable): AsyncGenerator<string> {
  try {
    for await (const chunk of input) yield chunk as string;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(`The file cannot be read (${code ?? "unknown"}).`);
  }
}

/** Where a parser stumbled; what stands there is not told, as it may be a secret. */
const placeIn = (error: unknown): string => /\(line \d+ column \d+\)/.exec(String(error))?.[0] ?? "";

/** A JSON document. @throws {CommandError} where it is none, or longer than 256 MiB */
export async function readDocument(input: Readable): Promise<unknown> {
  let text = "";
  for await (const chunk of chunksOf(input)) {
    text += chunk;
    if (text.length > maxDocument)
      throw new CommandError("The file is longer than 256 MiB: split it, or convert it to --from dacapo.");
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new CommandError(`The file is no JSON ${placeIn(error)}`.trimEnd().concat("."));
  }
}

/** The lines that are not empty, each with its number from 1. @throws {CommandError} where one is longer than 1 MiB */
export async function* readLines(input: Readable): AsyncGenerator<readonly [number: number, line: string]> {
  let number = 0;
  let rest = "";
  for await (const chunk of chunksOf(input)) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      number += 1;
      if (line.trim() !== "") yield [number, line];
    }
    if (rest.length > maxLine) throw new CommandError(`Line ${number + 1} is longer than 1 MiB.`);
  }
  if (rest.trim() !== "") yield [number + 1, rest];
}
