import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { createArchiveReader } from "../../../infrastructure/archive/archive-reader.ts";
import { createCheckpointCopies, readCopies } from "../../../infrastructure/audit/checkpoint-copies.ts";
import { createCheckpointFiles } from "../../../infrastructure/audit/checkpoint-files.ts";
import { openKeptLeaves } from "../../../infrastructure/audit/kept-leaves.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

function folder(): string {
  const made = temporaryFolder();
  onTestFinished(() => made[Symbol.dispose]());
  return made.path;
}

const { signal } = new AbortController();
const leaf = (index: number) => ({
  ...{ index, position: 2n ** 60n + BigInt(index) },
  ...{ name: Uint8Array.of(1), hash: Uint8Array.of(index) },
});

describe("kept leaves in a file", () => {
  it("are made with the first leaf, for their owner alone", async () => {
    const path = join(folder(), "checkpoints", "log");
    const leaves = openKeptLeaves(join(path, "leaves.db"));
    expect([await leaves.size(), await leaves.read(0, 10)]).toEqual([0, []]);
    await leaves.close();
    expect(() => statSync(path)).toThrow("ENOENT");
    expect(await leaves.add(0, [leaf(0), leaf(1)], [{ level: 8, number: 0, hash: Uint8Array.of(9) }])).toBe(
      true,
    );
    expect([path, join(path, "leaves.db")].map((made) => statSync(made).mode & 0o777)).toEqual([
      0o700, 0o600,
    ]);
    expect(await leaves.read(1, 10)).toEqual([leaf(1)]);
    expect(await leaves.hashes(8, 0, 1)).toEqual([Uint8Array.of(9)]);
    await leaves.close();
  });

  it("grow only from where they stand, and are there for others at once", async () => {
    const file = join(folder(), "leaves.db");
    const [one, other] = [openKeptLeaves(file), openKeptLeaves(file)];
    expect(await one.add(0, [leaf(0)], [])).toBe(true);
    expect(await other.add(0, [leaf(0)], [])).toBe(false);
    expect(await other.add(1, [leaf(1)], [])).toBe(true);
    expect(await one.read(0, 10)).toEqual([leaf(0), leaf(1)]);
    await Promise.all([one.close(), other.close()]);
  });

  it("say what they are where they cannot be read", async () => {
    const file = join(folder(), "leaves.db");
    writeFileSync(file, "nothing that a database would be".repeat(100));
    const failing = openKeptLeaves(file).size();
    await expect(failing).rejects.toThrow(Unavailable);
    await expect(failing).rejects.toThrow("the kept leaves");
  });
});

describe("checkpoints in files", () => {
  it("are written once, for their owner alone, and never again", async () => {
    const path = join(folder(), "checkpoints");
    const files = createCheckpointFiles(path);
    expect([await files.newest(), await files.read(1), await files.marked("sent")]).toEqual([
      0,
      undefined,
      undefined,
    ]);
    expect(await files.write(1, "one")).toBe(true);
    expect(await files.write(1, "another")).toBe(false);
    await files.write(12, "twelve");
    await files.mark("sent", "one");
    await files.mark("sent", "twelve");
    expect([await files.newest(), await files.read(1), await files.marked("sent")]).toEqual([
      12,
      "one",
      "twelve",
    ]);
    expect(readdirSync(path).sort()).toEqual(["00000001.checkpoint", "00000012.checkpoint", "sent"]);
    expect(statSync(join(path, "00000001.checkpoint")).mode & 0o777).toBe(0o600);
  });

  it("say why they cannot be written", async () => {
    const path = join(folder(), "file");
    writeFileSync(path, "");
    await expect(createCheckpointFiles(path).write(1, "one")).rejects.toThrow(Unavailable);
  });
});

/** A server that keeps what is put to it. */
async function startPlace(answer: number) {
  const got: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === "PUT")
      got.push(`${request.headers["content-type"]} ${await new Response(request as never).text()}`);
    response.writeHead(answer, { location: "http://elsewhere.example/" }).end(got.at(-1) ?? "kept");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/checkpoint?secret=token` };
}

describe("copies of checkpoints outside", () => {
  it("are appended to a file", async () => {
    const file = join(folder(), "copies.txt");
    await createCheckpointCopies(file).send("one\n", signal);
    await createCheckpointCopies(file).send("two\n", signal);
    expect(await readCopies(file, signal)).toBe("one\n\ntwo\n\n");
    expect(readFileSync(file, "utf8")).toBe("one\n\ntwo\n\n");
  });

  it("are put to a URL, and read from it", async () => {
    const { got, url } = await startPlace(200);
    await createCheckpointCopies(url).send("one\n", signal);
    expect(got).toEqual(["text/plain; charset=utf-8 one\n"]);
    expect(await readCopies(url, signal)).toContain("one");
  });

  it.each([500, 403, 302])(
    "are not there where the answer is %d, which is told without what may be secret",
    async (answer) => {
      const { url } = await startPlace(answer);
      const sending = createCheckpointCopies(url).send("one\n", signal);
      await expect(sending).rejects.toThrow(/^127\.0\.0\.1:\d+: /);
      await expect(sending).rejects.not.toThrow("token");
    },
  );

  it("are not there where nobody listens, or the file cannot be written", async () => {
    await expect(createCheckpointCopies("http://127.0.0.1:9/").send("one", signal)).rejects.toThrow(
      "127.0.0.1:9: ",
    );
    await expect(createCheckpointCopies(folder()).send("one", signal)).rejects.toThrow("EISDIR");
  });
});

describe("reading the archive", () => {
  it("tells each event, what is none, and the digest; and where the file is not there", async () => {
    const path = folder();
    mkdirSync(join(path, "inner"));
    writeFileSync(join(path, "one"), `{"position":"7","id":"a"}\nno event\n{"position":"8","id":"ü"}\n`);
    const told: unknown[] = [];
    const digest = await createArchiveReader(path).read("one", (event) => told.push(event));
    expect(told).toEqual([{ position: 7n, id: "a" }, undefined, { position: 8n, id: "ü" }]);
    expect(digest).toMatch(/^[\w-]{43}$/);
    expect(await createArchiveReader(join(path, "inner")).read("../one", () => undefined)).toBeUndefined();
    await expect(createArchiveReader(path).read("inner", () => undefined)).rejects.toThrow(Unavailable);
  });
});
