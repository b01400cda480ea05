import { systemClock } from "../../../infrastructure/clock.ts";
import { createInProcessJobs } from "../../../infrastructure/jobs/in-process.ts";
import { jobsContract } from "./contract.ts";

jobsContract("in-process", async () => ({
  connect: (failed) => createInProcessJobs(systemClock, failed),
  remove: async () => undefined,
}));
