import { describe, expect, it } from "vitest";
import {
  addressGroup,
  isNetwork,
  networkList,
  withoutPort,
} from "../../../infrastructure/network/addresses.ts";

describe("a list of networks", () => {
  it.each([
    ["192.168.1.0/24", "192.168.1.77", "192.168.2.1"],
    ["192.168.1.5/24", "192.168.1.77", "192.168.2.1"],
    ["203.0.113.7", "203.0.113.7", "203.0.113.8"],
    ["0.0.0.0/0", "203.0.113.7", "2001:db8::1"],
    ["2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"],
    ["2001:db8::1", "2001:DB8:0:0::1", "2001:db8::2"],
    ["::/0", "2001:db8::1", "203.0.113.7"],
    ["10.0.0.0/8", "::ffff:10.1.2.3", "::ffff:11.1.2.3"],
    ["10.0.0.0/8", "::ffff:a01:203", "64:ff9b::a01:203"],
    ["::ffff:10.0.0.0/104", "10.1.2.3", "11.1.2.3"],
    ["::ffff:10.0.0.7", "10.0.0.7", "10.0.0.8"],
    ["::ffff:0:0/96", "203.0.113.7", "2001:db8::1"],
    ["fe80::/10", "fe80::1%eth0", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1%eth0", "fe80::1%eth1"],
    ["fe80::1%eth0", "fe80::1%eth0", "fe80::1"],
    ["10.0.0.0/8", "10.1.2.3:5678", "11.1.2.3:5678"],
    ["2001:db8::/32", "[2001:db8::1]:443", "[2001:db9::1]:443"],
    ["2001:db8::/32", "[2001:db8::1]", "[2001:db9::1]"],
  ])("%s holds %s, not %s", (network, inside, outside) => {
    expect(isNetwork(network)).toBe(true);
    expect(networkList([network])(inside)).toBe(true);
    expect(networkList([network])(outside)).toBe(false);
  });

  it.each([
    "",
    "unknown",
    "_hidden",
    "10",
    "0x0a000001",
    "012.0.0.1",
    "10.0.0.1:port",
    "10.0.0.1, 10.0.0.2",
    "10.0.0.0/8",
  ])("holds nothing that is no address: %j", (text) =>
    expect(networkList(["0.0.0.0/0", "::/0"])(text)).toBe(false),
  );

  it("holds what any of its networks holds, and nothing where nobody is told", () => {
    const holds = networkList(["192.168.1.0/24", "10.0.0.0/8", "2001:db8::/32"]);
    expect(["192.168.1.1", "10.9.9.9", "2001:db8::9", "172.16.0.1"].map(holds)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(holds(undefined)).toBe(false);
    expect(networkList([])("10.0.0.1")).toBe(false);
  });
});

it.each(["10", "10.0.0.0/33", "10.0.0/8", "0x0a.0.0.0/8", "2001:db8::/129", "loopback", "*", ""])(
  "%j is no network",
  (text) => expect(isNetwork(text)).toBe(false),
);

it("takes the port of an address away, and nothing else", () => {
  expect(withoutPort("192.0.2.1:5678")).toBe("192.0.2.1");
  expect(withoutPort("[2001:db8::1]:443")).toBe("2001:db8::1");
  expect(withoutPort("2001:db8::1:443")).toBe("2001:db8::1:443");
  expect(withoutPort("192.0.2.1:")).toBeUndefined();
});

it("counts an address with every port, a /64 and all that is no address as one place each", () => {
  expect(addressGroup("192.0.2.1:5678")).toBe(addressGroup("::ffff:192.0.2.1"));
  expect(addressGroup("[2001:db8::1]:443")).toBe(addressGroup("2001:db8::ffff"));
  expect(addressGroup("2001:db8:0:1::1")).not.toBe(addressGroup("2001:db8::1"));
  expect(addressGroup("garbage")).toBe(addressGroup("other garbage"));
});
