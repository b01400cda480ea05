import { expect, it } from "vitest";
import { isLoopbackAddress, isPublicAddress } from "../../../infrastructure/network/addresses.ts";

it.each(["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1"])("%s is public", (address) =>
  expect(isPublicAddress(address)).toBe(true),
);

it.each([
  "0.0.0.0",
  "10.0.0.1",
  "100.64.0.1",
  "127.0.0.1",
  "169.254.169.254",
  "172.16.0.1",
  "192.0.2.1",
  "192.168.1.1",
  "198.18.0.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::127.0.0.1",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "64:ff9b::7f00:1",
  "100::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "fc00::1",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "localhost",
  "",
])("%j is not public", (address) => expect(isPublicAddress(address)).toBe(false));

it("knows the addresses of this machine", () => {
  for (const address of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
    expect(isLoopbackAddress(address)).toBe(true);
  for (const address of ["10.0.0.1", "1.1.1.1", "fe80::1", "localhost"])
    expect(isLoopbackAddress(address)).toBe(false);
});
