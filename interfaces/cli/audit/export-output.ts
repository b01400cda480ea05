import { type FileHandle, open, readFile } from "node:fs/promises";
import { CommandError } from "../command-error.ts";

/** Where an export goes. */
export interface Output {
  /** Whether it begins here, and wants a header. */
  readonly isFresh: boolean;
  /** Returns when the text was handed over: to the file, or to whoever reads the pipe. */
  write(text: string): Promise<void>;
  /** Returns when what was written is durable, where that can be told. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

const standardOutput: Output = {
  isFresh: true,
  write: (text) =>
    new Promise((resolve, reject) => {
      process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
    }),
  sync: async () => undefined,
  close: async () => undefined,
};

const newline = 0x0a;
const blockSize = 64 * 1024;

/** How many bytes of a file are whole lines. */
async function wholeLines(file: FileHandle, size: number): Promise<number> {
  const block = Buffer.alloc(blockSize);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - blockSize);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    const at = block.subarray(0, bytesRead).lastIndexOf(newline);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}

/** How a file that is there already is gone on with: not at all, after its end, or after its last whole line. */
export type Continuation = "never" | "append" | "repair";

/** A line that was left unfinished is ended, or taken away where its record comes again. */
async function mend(path: string, continuation: Continuation): Promise<number> {
  await using file = await open(path, "r+");
  const { size } = await file.stat();
  const whole = await wholeLines(file, size);
  if (whole === size) return size;
  if (continuation === "repair") {
    await file.truncate(whole);
    return whole;
  }
  await file.write("\n", size);
  return size + 1;
}

async function openFile(path: string, continuation: Continuation): Promise<Output> {
  const file = await open(path, continuation === "never" ? "wx" : "a", 0o600).catch((error) => {
    if (error.code !== "EEXIST") throw error;
    throw new CommandError(`${path} is there already; say --append to go on in it.`);
  });
  // A pipe or a device has no lines to go on after, and nothing to make durable.
  const isFile = (await file.stat()).isFile();
  const size = isFile && continuation !== "never" ? await mend(path, continuation) : 0;
  return {
    isFresh: size === 0,
    write: (text) => file.appendFile(text),
    sync: async () => {
      if (isFile) await file.datasync();
    },
    close: () => file.close(),
  };
}

/** Opens the file, for its owner only, or standard output where none is named. @throws {CommandError} */
export const openOutput = async (path: string | undefined, continuation: Continuation): Promise<Output> =>
  path === undefined ? standardOutput : await openFile(path, continuation);

/** What a file of a cursor holds; undefined where there is none yet. */
export async function readCursorFile(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
