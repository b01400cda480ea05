import {
  accessRequest,
  anomaliesRequest,
  explainRequest,
  statsRequest,
  timelineRequest,
} from "../../admin/audit.ts";
import { exportRequest } from "../../admin/audit-export.ts";
import { proofRequest, verifyRequest } from "../../admin/audit-proof.ts";
import {
  accessAnswer,
  anomaliesAnswer,
  explanationAnswer,
  statsAnswer,
  timelineAnswer,
  verificationAnswer,
} from "../answers/audit.ts";
import { answered, answeredText, type Operations } from "../operation.ts";
import { administrative } from "./administrative.ts";

const tag = "Audit";
const faults = ["notFound"] as const;

const exported = {
  description: "Records of the log, a line each",
  content: {
    ...answeredText("", "application/x-ndjson").content,
    ...answeredText("", "text/csv").content,
  },
};

/** /admin/audit */
export const audit: Operations = {
  "/admin/audit/timeline": {
    post: administrative({
      ...{ id: "auditTimeline", tag, summary: "What happened to one subject", body: timelineRequest, faults },
      answers: { "200": answered("The events, in their order", timelineAnswer) },
    }),
  },
  "/admin/audit/explain": {
    post: administrative({
      ...{ id: "auditExplain", tag, summary: "Whether a token was good at a moment, and why" },
      ...{ body: explainRequest, faults },
      answers: { "200": answered("The answer, and the events that it rests on", explanationAnswer) },
    }),
  },
  "/admin/audit/access": {
    post: administrative({
      ...{
        id: "auditAccess",
        tag,
        summary: "What somebody could do at a moment, or what changed between two",
      },
      ...{ body: accessRequest, faults },
      answers: { "200": answered("What could be done", accessAnswer) },
    }),
  },
  "/admin/audit/anomalies": {
    post: administrative({
      ...{ id: "auditAnomalies", tag, summary: "What looks wrong in the log", body: anomaliesRequest },
      answers: { "200": answered("The anomalies", anomaliesAnswer) },
    }),
  },
  "/admin/audit/stats": {
    post: administrative({
      ...{ id: "auditStats", tag, summary: "How often things happened", body: statsRequest },
      answers: { "200": answered("A row a day, client or block of addresses", statsAnswer) },
    }),
  },
  "/admin/audit/export": {
    post: administrative({
      ...{
        id: "auditExport",
        tag,
        summary: "Records of the log after a cursor",
        body: exportRequest,
        faults,
      },
      answers: { "200": exported },
    }),
  },
  "/admin/audit/checkpoint": {
    get: administrative({
      ...{ id: "auditNewestCheckpoint", tag, summary: "The newest signed checkpoint", faults },
      answers: { "200": answeredText("A signed note (C2SP tlog-checkpoint)", "text/plain") },
    }),
    post: administrative({
      ...{
        id: "auditSignCheckpoint",
        tag,
        summary: "Sign a checkpoint now",
        faults: ["notFound", "conflict"],
      },
      answers: { "200": answeredText("A signed note (C2SP tlog-checkpoint)", "text/plain") },
    }),
  },
  "/admin/audit/prove": {
    post: administrative({
      ...{ id: "auditProve", tag, summary: "Prove that the log holds an event", body: proofRequest, faults },
      answers: { "200": answeredText("A proof that dacapo audit verify-proof checks", "text/plain") },
    }),
  },
  "/admin/audit/verify": {
    post: administrative({
      ...{ id: "auditVerify", tag, summary: "Compare the log with its checkpoints" },
      ...{ body: verifyRequest, isBodyOptional: true, faults },
      answers: { "200": answered("What was compared, and what was found", verificationAnswer) },
    }),
  },
};
