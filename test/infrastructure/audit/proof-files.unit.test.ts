import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { notesIn } from "../../../domain/audit/note.ts";
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
async function startPlace(answer: number, holds = "kept") {
  const got: (string | undefined)[][] = [];
  const server = createServer(async (request, response) => {
    if (request.method === "PUT") {
      const { "content-type": type, "if-none-match": condition } = request.headers;
      got.push([type, condition, await new Response(request as never).text()]);
    }
    response.writeHead(answer, { location: "http://elsewhere.example/" }).end(got.at(-1)?.[2] ?? holds);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/checkpoint?secret=token` };
}

async function textIn(place: string): Promise<string> {
  const lying = await createCheckpointCopies(place).read(signal);
  return typeof lying === "string" ? lying : lying.text;
}

describe("copies of checkpoints outside", () => {
  it("are appended to a file", async () => {
    const file = join(folder(), "copies.txt");
    const copies = createCheckpointCopies(file);
    expect(await copies.read(signal)).toBe("nothing");
    await copies.send("one\n", true, signal);
    await copies.send("two\n", false, signal);
    expect(readFileSync(file, "utf8")).toBe("one\n\n\ntwo\n");
    expect(await readCopies(file, signal)).toBe("one\n\n\ntwo\n");
    expect(await copies.read(signal)).toEqual({ text: "one\n\n\ntwo\n" });
  });

  it.each(["log\n12\nroo", "log\n12\nroot\n", "log\n12\nroot\n\n— log AAA"])(
    "are found behind one that was cut off: %j",
    async (torn) => {
      const file = join(folder(), "copies.txt");
      writeFileSync(file, torn);
      const note = "log\n13\nroot\n\n— log AAAA\n";
      await createCheckpointCopies(file).send(note, false, signal);
      expect(notesIn(await readCopies(file, signal)).at(-1)).toBe(note);
    },
  );

  it.each(["file", "URL"])("are looked at by their end only, where there are many in a %s", async (kind) => {
    const file = join(folder(), "copies.txt");
    const note = (number: number) => `log\n${number}\nroot\n\n— log AAAA\n`;
    const many = Array.from({ length: 9_000 }, (_, number) => note(number)).join("\n");
    writeFileSync(file, many);
    const place = kind === "file" ? file : (await startPlace(200, many)).url;
    const end = notesIn(await textIn(place));
    expect([end.length < 9_000, end.at(-1)]).toEqual([true, note(8_999)]);
    expect(end[0]).toMatch(/^log\n\d+\nroot\n\n— log AAAA\n$/);
  });

  it("are not nothing where a long file holds no note, and cannot be told of what is no file", async () => {
    const file = join(folder(), "something.db");
    writeFileSync(file, "another line\n".repeat(10_000));
    expect(await textIn(file)).toContain("another line");
    expect(await createCheckpointCopies("/dev/null").read(signal)).toBe("unreadable");
  });

  it("tell a place from others, and nothing of it", async () => {
    const [one, other] = ["https://example.com/?secret=1", "https://example.com/?secret=2"].map(
      (place) => createCheckpointCopies(place).id,
    );
    expect(one).not.toBe(other);
    expect(one).toMatch(/^[\w-]{43}$/);
  });

  it("are put to a URL, and read from it", async () => {
    const { got, url } = await startPlace(200);
    await createCheckpointCopies(url).send("one\n", true, signal);
    await createCheckpointCopies(url).send("two\n", false, signal);
    expect(got).toEqual([
      ["text/plain; charset=utf-8", "*", "one\n"],
      ["text/plain; charset=utf-8", undefined, "two\n"],
    ]);
    expect(await readCopies(url, signal)).toBe("two\n");
    expect(await createCheckpointCopies(url).read(signal)).toEqual({ text: "two\n" });
  });

  it.each([
    [404, "nothing"],
    [403, "unreadable"],
    [405, "unreadable"],
  ])("are none, or cannot be told, where the answer is %d", async (answer, lies) => {
    const { url } = await startPlace(answer);
    expect(await createCheckpointCopies(url).read(signal)).toBe(lies);
  });

  it.each([500, 403, 302])(
    "are not there where the answer is %d, which is told without what may be secret",
    async (answer) => {
      const { url } = await startPlace(answer);
      const sending = createCheckpointCopies(url).send("one\n", false, signal);
      await expect(sending).rejects.toThrow(/^127\.0\.0\.1:\d+: /);
      await expect(sending).rejects.not.toThrow("token");
      if (answer === 403) return;
      await expect(createCheckpointCopies(url).read(signal)).rejects.toThrow(/^127\.0\.0\.1:\d+: /);
    },
  );

  it("are not there where nobody listens, or the file cannot be written", async () => {
    await expect(createCheckpointCopies("http://127.0.0.1:9/").send("one", false, signal)).rejects.toThrow(
      "127.0.0.1:9: ",
    );
    await expect(createCheckpointCopies(folder()).send("one", false, signal)).rejects.toThrow("EISDIR");
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
