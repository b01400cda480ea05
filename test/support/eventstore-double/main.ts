/**
 * A double of EventStoreDB in a process of its own: `node main.ts [no-batch] [tls=JSON]` prints the port of the database and the
 * port of its control as JSON. It ends with its standard input.
 */
import type { Server } from "@grpc/grpc-js";
import { freePort } from "../free-port.ts";
import { control } from "./control.ts";
import { Faults } from "./faults.ts";
import { Log } from "./log.ts";
import type { Member } from "./parts.ts";
import { type DoubleTls, listen } from "./server.ts";

const log = new Log();
const faults = new Faults();
const port = await freePort();
let members: readonly Member[] = [{ port, leader: true }];
const tls = process.argv.find((argument) => argument.startsWith("tls="))?.slice("tls=".length);
const options = {
  log,
  faults,
  port: () => port,
  batch: !process.argv.includes("no-batch"),
  tls: tls === undefined ? undefined : (JSON.parse(tls) as DoubleTls),
  members: () => members,
};
let server: Server | undefined = await listen(options, port);

const controlPort = await control({
  log,
  faults,
  async stop() {
    server?.forceShutdown();
    server = undefined;
  },
  async start() {
    server ??= await listen(options, port);
  },
  setMembers(all) {
    members = all;
  },
});

process.stdin.resume().on("end", () => process.exit(0));
process.stdout.write(`${JSON.stringify({ port, controlPort })}\n`);
