import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createBullmqJobs } from "../../../infrastructure/jobs/bullmq.ts";
import { blockingConnections } from "../../../infrastructure/redis/blocking.ts";
import { connectRedis } from "../../../infrastructure/redis/connect.ts";
import { Refused } from "../../../infrastructure/redis/failures.ts";
import type { RedisTlsFiles } from "../../../infrastructure/redis/tls.ts";
import { makeCa, type TestCa, writeIn, writePair } from "../../support/certificates.ts";
import { type RedisTlsServer, startRedisTls } from "../../support/redis-tls.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const folder = temporaryFolder();
let ca: TestCa;
/** What a server takes. */
let files: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
/** What a client takes that has the CA alone, another one alone, or a certificate too. */
let [trusting, mistaken, known]: RedisTlsFiles[] = [];
let redis: RedisTlsServer;
/** One that asks its clients for certificates. */
let strict: RedisTlsServer;

beforeAll(async () => {
  ca = await makeCa();
  const caFile = writeIn(folder.path, "ca.pem", ca.cert);
  files = { caFile, ...writePair(folder.path, await ca.issue()) };
  const client = writePair(folder.path, await ca.issue({ name: "dacapo" }), "client");
  trusting = { redisCaFile: caFile };
  mistaken = { redisCaFile: writeIn(folder.path, "other.pem", (await makeCa("Another CA")).cert) };
  known = { redisCaFile: caFile, redisCertFile: client.certFile, redisKeyFile: client.keyFile };
  [redis, strict] = await Promise.all([startRedisTls(files), startRedisTls({ ...files, authClients: true })]);
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await strict[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function open(url: string, tlsFiles: RedisTlsFiles = {}) {
  const client = await connectRedis(url, { tlsFiles, patience: 1_500 });
  onTestFinished(() => client.disconnect());
  return client;
}

async function refusal(url: string, tlsFiles?: RedisTlsFiles): Promise<string> {
  const error = await open(url, tlsFiles).then(
    () => new Error("it connects"),
    (thrown: Error) => thrown,
  );
  expect(error).toBeInstanceOf(Refused);
  return error.message;
}

describe("one server", () => {
  it("is spoken to where its CA is named, by address and by name", async () => {
    expect(await (await open(redis.url, trusting)).ping()).toBe("PONG");
    expect(await (await open(redis.url.replace("127.0.0.1", "localhost"), trusting)).ping()).toBe("PONG");
  });

  it("is refused at once where its CA is not known, or is another one", async () => {
    expect(await refusal(redis.url)).toMatch(/no CA that is trusted here .* redisCaFile/);
    expect(await refusal(redis.url, mistaken)).toMatch(/no CA that is trusted here .* redisCaFile/);
  });

  it("is refused where its certificate is for another name", async () => {
    const elsewhere = {
      ...files,
      ...writePair(folder.path, await ca.issue({ name: "redis.example" }), "named"),
    };
    await using other = await startRedisTls(elsewhere);
    expect(await refusal(other.url.replace("127.0.0.1", "localhost"), trusting)).toContain(
      "for another name",
    );
  });

  it("is refused where something else answers there, without TLS", async () => {
    const other = createServer((socket) => socket.on("error", () => undefined).end("-ERR\r\n"));
    onTestFinished(() => void other.close());
    await once(other.listen(0, "127.0.0.1"), "listening");
    const { port } = other.address() as AddressInfo;
    expect(await refusal(`rediss://127.0.0.1:${port}`, trusting)).toContain("it speaks no TLS there");
  });

  it("that asks for certificates is spoken to with one, and refused without", async () => {
    expect(await (await open(strict.url, known)).ping()).toBe("PONG");
    expect(await refusal(strict.url, trusting)).toMatch(/misses one.*redisCertFile/);
  });

  it("is spoken to with the certificate that is in the files then, or the last good one", async () => {
    const own = writePair(folder.path, await ca.issue({ name: "first" }), "renewed");
    const tlsFiles = { ...known, redisCertFile: own.certFile, redisKeyFile: own.keyFile };
    const client = await open(strict.url, tlsFiles);
    const reconnected = async () => {
      await Promise.all([once(client, "ready"), strict.call("CLIENT", "KILL", "TYPE", "normal")]);
      return await client.ping();
    };
    writeFileSync(own.certFile, "cut off");
    expect(await reconnected()).toBe("PONG");
    const stranger = await (await makeCa()).issue();
    writePair(folder.path, stranger, "renewed");
    await expect(open(strict.url, tlsFiles)).rejects.toThrow(/Redis cannot be reached/);
    writePair(folder.path, await ca.issue({ name: "second" }), "renewed");
    expect(await reconnected()).toBe("PONG");
  });

  it("names a file that cannot be used", async () => {
    const missing = { redisCaFile: `${folder.path}/none.pem` };
    await expect(open(redis.url, missing)).rejects.toThrow(
      `redisCaFile: there is no file ${folder.path}/none.pem`,
    );
  });

  it("runs jobs, over connections that all speak TLS", async () => {
    const connection = await blockingConnections(strict.url, known);
    const failures: unknown[] = [];
    const failed = (...failure: unknown[]) => void failures.push(failure);
    const jobs = createBullmqJobs({ connection, prefix: "{tls}", failed, lost: failed });
    const ran = new Promise((resolve) => void jobs.schedule("test", 50, async () => resolve("ran")));
    expect(await ran).toBe("ran");
    await jobs.close();
    expect(failures).toEqual([]);
  });
});

it("a Cluster is spoken to by TLS, at the names of the URL", async () => {
  const config = ["cluster-enabled yes", "tls-cluster yes", "cluster-announce-ip 127.0.0.1"];
  await using node = await startRedisTls({ ...files, config });
  await node.call("CLUSTER", "ADDSLOTSRANGE", 0, 16_383);
  await expect.poll(() => node.call("CLUSTER", "INFO"), { timeout: 20_000 }).toContain("cluster_state:ok");
  const client = await open(node.url.replace("127.0.0.1", "localhost"), trusting);
  expect(client.isCluster).toBe(true);
  await client.set("key", "value");
  expect(await client.get("key")).toBe("value");
  expect(await refusal(node.url, mistaken)).toContain("no CA that is trusted here");
  expect(await refusal(`${node.url},localhost:${node.tlsPort}`, mistaken)).toContain("no CA that is trusted");
});

it("Sentinels and their master are spoken to by TLS", async () => {
  const config = [`sentinel monitor dacapo 127.0.0.1 ${strict.tlsPort} 1`, "tls-replication yes"];
  await using sentinel = await startRedisTls({ ...files, config, authClients: true, isSentinel: true });
  const url = `rediss+sentinel://127.0.0.1:${sentinel.tlsPort}/dacapo`;
  const client = await open(url, known);
  await client.set("by", "sentinel");
  expect(await strict.call("GET", "by")).toBe("sentinel");
  expect(await refusal(url, trusting)).toMatch(/misses one.*redisCertFile/);
  expect(await refusal(url, { ...known, ...mistaken })).toContain("no CA that is trusted here");
});
