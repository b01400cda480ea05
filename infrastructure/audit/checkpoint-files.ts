import { mkdir, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Checkpoints, Mark } from "../../application/ports/checkpoints.ts";
import { Unavailable } from "../../application/ports/event-store.ts";
import { createDurably, replaceDurably } from "./durable-file.ts";

const form = /^(\d{8})\.checkpoint$/;
const nameOf = (number: number): string => `${String(number).padStart(8, "0")}.checkpoint`;

/** Absent is no failure. */
async function orNothing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Unavailable(`the checkpoints cannot be read or written (${code ?? message})`, { cause: error });
  }
}

/**
 * Checkpoints as files in a folder, one each, which is made for its owner only with the first of them.
 * @param place where the folders of all logs are; undefined where there is this one alone
 */
export function createCheckpointFiles(folder: string, place?: string): Checkpoints {
  const text = (name: string) => orUnavailable(orNothing(readFile(join(folder, name), "utf8")));
  const makeFolder = () => orUnavailable(mkdir(folder, { recursive: true, mode: 0o700 }));
  async function numbers(): Promise<readonly number[]> {
    const names = (await orUnavailable(orNothing(readdir(folder)))) ?? [];
    return names.flatMap((name) => Number(form.exec(name)?.[1] ?? 0) || []).sort((one, other) => one - other);
  }
  return {
    newest: async () => (await numbers()).at(-1) ?? 0,
    numbers,
    read: (number) => text(nameOf(number)),
    async write(number, note) {
      await makeFolder();
      return await orUnavailable(createDurably(join(folder, nameOf(number)), note));
    },
    marked: (mark: Mark) => text(mark),
    async others() {
      const names = place === undefined ? [] : ((await orUnavailable(orNothing(readdir(place)))) ?? []);
      return names.filter((name) => name !== basename(folder));
    },
    async mark(mark: Mark, note: string) {
      await makeFolder();
      await orUnavailable(replaceDurably(join(folder, mark), note));
    },
  };
}
