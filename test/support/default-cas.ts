import { getCACertificates, setDefaultCACertificates } from "node:tls";

/** Trusts a CA in this process too, as NODE_EXTRA_CA_CERTS does from the start; until it is disposed of. */
export function trustHere(ca: string): Disposable {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, ca]);
  return { [Symbol.dispose]: () => setDefaultCACertificates(before) };
}
