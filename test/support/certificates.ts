import "reflect-metadata"; // without it @peculiar/x509 cannot be loaded
import type { webcrypto } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const hour = 3_600_000;

/** A certificate and its key, as PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A CA of a test's own. */
export interface TestCa {
  readonly cert: string;
  /** Signs a certificate for a name, localhost unless said, and 127.0.0.1, good for servers and clients. */
  issue(options?: IssueOptions): Promise<TestCertificate>;
}

export interface IssueOptions {
  readonly name?: string;
  readonly validUntil?: Date;
  /** Whether it is for 127.0.0.1, too. */
  readonly isForAddress?: boolean;
}

const pemOfKey = async ({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> =>
  x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", privateKey), "PRIVATE KEY");

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

/** Makes a CA. */
export async function makeCa(name = "Test CA"): Promise<TestCa> {
  const caKeys = await newKeys();
  const notBefore = new Date(Date.now() - 2 * hour);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore,
    notAfter: new Date(Date.now() + 1_000 * hour),
    signingAlgorithm: algorithm,
    keys: caKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    cert: `${ca.toString("pem")}\n`,
    async issue({
      name = "localhost",
      validUntil = new Date(Date.now() + 500 * hour),
      isForAddress = true,
    } = {}) {
      const keys = await newKeys();
      const issued = await x509.X509CertificateGenerator.create({
        subject: `CN=${name}`,
        issuer: ca.subject,
        notBefore,
        notAfter: validUntil,
        signingKey: caKeys.privateKey,
        publicKey: keys.publicKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.ExtendedKeyUsageExtension([
            x509.ExtendedKeyUsage.serverAuth,
            x509.ExtendedKeyUsage.clientAuth,
          ]),
          new x509.SubjectAlternativeNameExtension([
            { type: "dns", value: name },
            ...(isForAddress ? [{ type: "ip" as const, value: "127.0.0.1" }] : []),
          ]),
        ],
      });
      return { cert: `${issued.toString("pem")}\n`, key: `${await pemOfKey(keys)}\n` };
    },
  };
}

/** Writes a certificate and its key into a folder; answers their files. */
export function writePair(
  folder: string,
  { cert, key }: TestCertificate,
  name = "server",
): { readonly certFile: string; readonly keyFile: string } {
  const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  chmodSync(keyFile, 0o600);
  return { certFile, keyFile };
}

/** Writes a file into a folder; answers its path. */
export function writeIn(folder: string, name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}
