import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { createErasureList } from "../../../infrastructure/archive/erasure-list.ts";
import { newFile } from "../event-store/folder.ts";

describe("the list of erasures in a file", () => {
  it("keeps who was added, once and in order, for another process", async () => {
    const path = newFile();
    expect(await createErasureList(path).all()).toEqual([]);
    for (const userId of ["u_1", "u_2", "u_1"]) await createErasureList(path).add(userId);
    expect(await createErasureList(path).all()).toEqual(["u_1", "u_2"]);
  });

  it("bears a line that a process did not finish", async () => {
    const path = newFile();
    await createErasureList(path).add("u_1");
    await appendFile(path, '{"userId":"u_');
    await createErasureList(path).add("u_2");
    expect(await createErasureList(path).all()).toEqual(["u_1", "u_2"]);
  });

  it("is unavailable where it cannot be written or read", async () => {
    const path = join(newFile(), "in", "no", "folder");
    await expect(createErasureList(path).add("u_1")).rejects.toThrow(Unavailable);
    await expect(createErasureList("/").all()).rejects.toThrow(Unavailable);
  });
});
