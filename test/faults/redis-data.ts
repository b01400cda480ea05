import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { RedisServer } from "../support/redis-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const isData = (name: string): boolean => name === "dump.rdb" || name === "appendonlydir";

async function folderOf(redis: RedisServer): Promise<string> {
  const [, folder] = (await redis.call("CONFIG", "GET", "dir")) as [string, string];
  return folder;
}

function copy(from: string, to: string): void {
  for (const name of readdirSync(from).filter(isData))
    cpSync(join(from, name), join(to, name), { recursive: true });
}

function empty(folder: string): void {
  for (const name of readdirSync(folder).filter(isData)) rmSync(join(folder, name), { recursive: true });
}

/** What a server that keeps its data in files holds now, to be put back later. */
export async function snapshotOf(redis: RedisServer): Promise<Disposable & { restore(): Promise<void> }> {
  const aside = temporaryFolder();
  const folder = await folderOf(redis);
  copy(folder, aside.path);
  return {
    async restore() {
      await redis.stop();
      empty(folder);
      copy(aside.path, folder);
      await redis.start();
    },
    [Symbol.dispose]: () => aside[Symbol.dispose](),
  };
}

/** Ends it as a crash does and starts it with what its files hold. */
export async function crashRedis(redis: RedisServer): Promise<void> {
  await redis.stop();
  await redis.start();
}

/** As `crashRedis`, and the files are lost too. */
export async function loseRedis(redis: RedisServer): Promise<void> {
  const folder = await folderOf(redis);
  await redis.stop();
  empty(folder);
  await redis.start();
}
