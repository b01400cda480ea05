import { EventEmitter, once } from "node:events";
import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, createServer } from "node:tls";
import { pino } from "pino";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { keepCertificate } from "../../../infrastructure/network/certificates.ts";
import { readCas, readKeyPair } from "../../../infrastructure/network/pem.ts";
import { makeCa, type TestCa, type TestCertificate, writeIn, writePair } from "../../support/certificates.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

let ca: TestCa;
let [first, second]: TestCertificate[] = [];
beforeAll(async () => {
  ca = await makeCa();
  [first, second] = await Promise.all([ca.issue(), ca.issue()]);
});

/** Milliseconds between two looks. */
const every = 20;

function folderOf(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}

/** The lines of a log. */
function log(level = "info") {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level }, { write: (line) => void lines.push(JSON.parse(line)) });
  const of = (number: number) => lines.filter((line) => line.level === number);
  return { logger, lines, errors: () => of(50), warnings: () => of(40), infos: () => of(30) };
}

/** A server with the pair of a folder that is looked at often. */
async function start(folder: string, pair: TestCertificate = first as TestCertificate) {
  const { certFile, keyFile } = writePair(folder, pair);
  const told = log();
  const hangUps = new EventEmitter();
  const settings = { tlsCertFile: certFile, tlsKeyFile: keyFile, tlsClientCaFile: undefined };
  const kept = keepCertificate(settings, told.logger, { hangUps, every });
  if (!kept) throw new Error("nothing is kept");
  const server = createServer(kept.options, (socket) => socket.end()).listen(0, "127.0.0.1");
  kept.keep(server);
  await once(server, "listening");
  onTestFinished(() => {
    kept.close();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  /** The certificate that a new connection is shown. */
  async function shown(): Promise<string> {
    const socket = connect({ port, host: "127.0.0.1", ca: ca.cert });
    socket.on("error", () => undefined);
    await once(socket, "secureConnect");
    const pem = socket.getPeerX509Certificate()?.toString() ?? "";
    socket.destroy();
    return pem;
  }
  return { certFile, keyFile, shown, hangUps, ...told };
}

const untilShown = (server: { shown(): Promise<string> }, { cert }: TestCertificate) =>
  expect.poll(server.shown, { timeout: 5_000, interval: every }).toBe(cert);

describe("a certificate in its files", () => {
  it("is replaced where both files are, and one line tells until when the new one is valid", async () => {
    const folder = folderOf();
    const server = await start(folder);
    expect(await server.shown()).toBe(first?.cert);
    writePair(folder, second as TestCertificate);
    await untilShown(server, second as TestCertificate);
    const [, replaced, ...more] = server.infos();
    expect(more).toEqual([]);
    expect(replaced).toMatchObject({
      msg: "the TLS certificate was replaced",
      names: expect.stringContaining("localhost"),
      validUntil: expect.stringMatching(/^\d{4}-/),
    });
    expect(server.errors()).toEqual([]);
  });

  it("is replaced where a link leads elsewhere, as Kubernetes does it", async () => {
    const [folder, old, renewed] = [folderOf(), folderOf(), folderOf()];
    writePair(renewed, second as TestCertificate);
    writePair(old, first as TestCertificate);
    symlinkSync(old, join(folder, "..data"));
    for (const name of ["server.pem", "server.key"]) symlinkSync(join("..data", name), join(folder, name));
    // Written through the links, so it is what was there.
    const server = await start(folder);
    symlinkSync(renewed, join(folder, "..next"));
    renameSync(join(folder, "..next"), join(folder, "..data"));
    await untilShown(server, second as TestCertificate);
  });

  it("stays where a new one is cut off, which is told of once; the whole one is taken", async () => {
    const folder = folderOf();
    const server = await start(folder);
    writeFileSync(server.certFile, (second?.cert ?? "").slice(0, 300));
    await expect.poll(server.errors, { timeout: 5_000 }).toHaveLength(1);
    await sleep(10 * every);
    expect(server.errors()).toEqual([
      expect.objectContaining({
        reason: `tlsCertFile: ${server.certFile} holds a certificate that is cut off`,
      }),
    ]);
    expect(await server.shown()).toBe(first?.cert);
    writePair(folder, second as TestCertificate);
    await untilShown(server, second as TestCertificate);
  });

  it("stays while only one of two files is new, or none is there", async () => {
    const folder = folderOf();
    const server = await start(folder);
    writeFileSync(server.certFile, second?.cert ?? "");
    await expect.poll(server.errors, { timeout: 5_000 }).toHaveLength(1);
    rmSync(server.keyFile);
    await expect.poll(server.errors, { timeout: 5_000 }).toHaveLength(2);
    expect(server.errors().map(({ reason }) => reason)).toEqual([
      `tlsKeyFile: ${server.keyFile} is not the key of the first certificate in ${server.certFile}`,
      `tlsKeyFile: there is no file ${server.keyFile}`,
    ]);
    expect(await server.shown()).toBe(first?.cert);
    expect(JSON.stringify(server.lines)).not.toMatch(/PRIVATE|BEGIN/);
  });

  it("is looked at on SIGHUP, which is answered in the log at once", async () => {
    const folder = folderOf();
    const server = await start(folder);
    server.hangUps.emit("SIGHUP");
    expect(server.infos().at(-1)).toMatchObject({ msg: "the TLS certificate has not changed" });
    writePair(folder, second as TestCertificate);
    server.hangUps.emit("SIGHUP");
    expect(server.infos().at(-1)).toMatchObject({ msg: "the TLS certificate was replaced" });
    expect(await server.shown()).toBe(second?.cert);
    writeFileSync(server.keyFile, "");
    server.hangUps.emit("SIGHUP");
    expect(server.errors()).toHaveLength(1);
  });

  it.each([
    [-60_000, "the TLS certificate has expired: clients refuse it"],
    [60_000, "the TLS certificate expires soon and was not renewed"],
  ])("is warned of, once, where it ends in %i ms", async (left, msg) => {
    const ending = await ca.issue({ validUntil: new Date(Date.now() + left) });
    const server = await start(folderOf(), ending);
    await sleep(5 * every);
    expect(server.warnings()).toEqual([expect.objectContaining({ msg })]);
  });
});

describe("what cannot be used is named by setting and file, without what is in it", () => {
  const cases: readonly (readonly [what: string, cert: () => string, key: () => string, message: string])[] =
    [
      ["no certificate", () => "secret-words", () => first?.key ?? "", "c: CERT holds no certificate in PEM"],
      [
        "a broken certificate",
        () => (first?.cert ?? "").replace(/\n..../, "\nAAAA"),
        () => first?.key ?? "",
        "c: CERT holds a certificate that cannot be read",
      ],
      [
        "a certificate whose chain is cut off",
        () => `${first?.cert}${ca.cert.slice(0, 200)}`,
        () => first?.key ?? "",
        "c: CERT holds a certificate that is cut off",
      ],
      [
        "no key",
        () => first?.cert ?? "",
        () => "secret-words",
        "k: KEY holds no private key in PEM that can be read",
      ],
      [
        "a key with a passphrase",
        () => first?.cert ?? "",
        () => "-----BEGIN ENCRYPTED PRIVATE KEY-----\nsecret-words\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "k: KEY is encrypted; it must be a key without a passphrase",
      ],
      [
        "the key of another certificate",
        () => first?.cert ?? "",
        () => second?.key ?? "",
        "k: KEY is not the key of the first certificate in CERT",
      ],
      [
        "a chain in the wrong order",
        () => `${ca.cert}${first?.cert}`,
        () => first?.key ?? "",
        "k: KEY is not the key of the first certificate in CERT",
      ],
    ];
  it.each(cases)("%s", (_, cert, key, message) => {
    const folder = folderOf();
    const { certFile, keyFile } = writePair(folder, { cert: cert(), key: key() });
    const read = () => readKeyPair({ setting: "c", file: certFile }, { setting: "k", file: keyFile });
    expect(read).toThrow(message.replaceAll("CERT", certFile).replaceAll("KEY", keyFile));
    expect(read).not.toThrow(/secret-words/);
  });

  it("a file that is not there, or is a folder", () => {
    const folder = folderOf();
    expect(() => readCas({ setting: "c", file: join(folder, "none") })).toThrow(
      `c: there is no file ${folder}/none`,
    );
    expect(() => readCas({ setting: "c", file: folder })).toThrow(`c: cannot read ${folder} (EISDIR)`);
  });

  it("but a chain and several CAs are taken", () => {
    const folder = folderOf();
    const pair = writePair(folder, { cert: `${first?.cert}${ca.cert}`, key: first?.key ?? "" });
    readKeyPair({ setting: "c", file: pair.certFile }, { setting: "k", file: pair.keyFile });
    readCas({ setting: "c", file: writeIn(folder, "cas.pem", `# ours\n${ca.cert}${ca.cert}`) });
  });
});
