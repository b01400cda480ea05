import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { ConfigurationError } from "../config/problem.ts";

/** A file of PEM, and the setting or option that names it. */
export interface PemFile {
  readonly setting: string;
  readonly file: string;
}

/** A certificate with those that lead to its CA, and its key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
  /** The certificate itself, which is the first one in its file. */
  readonly leaf: X509Certificate;
}

function contentOf({ setting, file }: PemFile): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === "ENOENT" ? `there is no file ${file}` : `cannot read ${file} (${code})`;
    throw new ConfigurationError(`${setting}: ${what}`);
  }
}

function parse({ setting, file }: PemFile, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new ConfigurationError(`${setting}: ${file} holds a certificate that cannot be read`);
  }
}

function certificatesIn(file: PemFile): { readonly text: string; readonly all: readonly X509Certificate[] } {
  const text = contentOf(file);
  const begun = text.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;
  const whole = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (begun === 0) throw new ConfigurationError(`${file.setting}: ${file.file} holds no certificate in PEM`);
  // Only the first would be served, and clients that do not know the second would refuse it.
  if (whole.length < begun)
    throw new ConfigurationError(`${file.setting}: ${file.file} holds a certificate that is cut off`);
  return { text, all: whole.map((pem) => parse(file, pem)) };
}

/** The certificates of CAs. @throws {ConfigurationError} which names the file, never what is in it */
export const readCas = (file: PemFile): string => certificatesIn(file).text;

function keyIn({ setting, file }: PemFile): {
  readonly text: string;
  readonly key: ReturnType<typeof createPrivateKey>;
} {
  const text = contentOf({ setting, file });
  if (/-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(text))
    throw new ConfigurationError(`${setting}: ${file} is encrypted; it must be a key without a passphrase`);
  try {
    return { text, key: createPrivateKey(text) };
  } catch {
    throw new ConfigurationError(`${setting}: ${file} holds no private key in PEM that can be read`);
  }
}

/** A certificate and the key that belongs to it. @throws {ConfigurationError} which names the file, never what is in it */
export function readKeyPair(certFile: PemFile, keyFile: PemFile): KeyPair {
  const { text: cert, all } = certificatesIn(certFile);
  const { text: key, key: parsed } = keyIn(keyFile);
  const [leaf] = all;
  if (!leaf?.checkPrivateKey(parsed))
    throw new ConfigurationError(
      `${keyFile.setting}: ${keyFile.file} is not the key of the first certificate in ${certFile.file}`,
    );
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const { code = "it failed" } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(`${certFile.setting}: ${certFile.file} cannot be used (${code})`);
  }
  return { cert, key, leaf };
}
