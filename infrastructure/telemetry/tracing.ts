import {
  type Attributes,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";

/** A span that has begun. */
export interface OpenSpan {
  /** What names it to those that go on from it (W3C Trace Context). */
  readonly traceparent: string;
  /** @param error why what it spans failed; nothing of what was sent may stand in it */
  end(attributes?: Attributes, error?: string): void;
}

/** How a span begins. */
export interface SpanStart {
  readonly name: string;
  readonly kind: "server" | "internal" | "consumer";
  /** The span that it goes on from; a trace of its own where absent. */
  readonly traceparent?: string | undefined;
  /** A span that it only points at, as a stranger says. */
  readonly linkedTo?: string | undefined;
  readonly attributes?: Attributes;
  /** Epoch ms; now where absent. */
  readonly startedAt?: number;
}

/** Makes spans and sends them to a collector. */
export interface Tracing {
  begin(start: SpanStart): OpenSpan;
  /** Sends what was not sent yet, as far as that is quick. */
  close(): Promise<void>;
}

export interface TracingOptions {
  /** Base URL of a collector that takes OTLP over HTTP; `/v1/traces` is appended. */
  readonly endpoint: string;
  /** Share of traces that are kept, from 0 to 1; the same for all processes, so that they keep the same ones. */
  readonly ratio: number;
  /** `serve` or `worker`. */
  readonly role: string;
  readonly version: string;
  /** Is told that the collector does not take them, once until it does again. */
  readonly lost: (reason: string) => void;
}

const kinds = { server: SpanKind.SERVER, internal: SpanKind.INTERNAL, consumer: SpanKind.CONSUMER };

/** How long (ms) the last spans of a process may take to be sent. */
const patience = 2_000;

function spanContextOf(traceparent: string): SpanContext {
  const [, traceId = "", spanId = "", flags = ""] = traceparent.split("-");
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

const parentOf = (traceparent: string | undefined) =>
  traceparent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContextOf(traceparent));

const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;

/** The same exporter, which tells of failures once until something arrives again. */
function telling(exporter: SpanExporter, lost: (reason: string) => void): SpanExporter {
  let isLost = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined;
        if (failed && !isLost) lost(result.error?.message ?? "unknown");
        isLost = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => await exporter.forceFlush?.(),
  };
}

/**
 * Starts tracing. Whether a trace is kept is told by its id alone, in every process. `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME` and `OTEL_EXPORTER_OTLP_HEADERS` are read from the environment.
 */
export function startTracing({ endpoint, ratio, role, version, lost }: TracingOptions): Tracing {
  const sampler = new TraceIdRatioBasedSampler(ratio);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, "")}/v1/traces` });
  const provider = new TracerProvider({
    sampler: new ParentBasedSampler({ root: sampler, remoteParentSampled: sampler }),
    resource: resourceFromAttributes({
      "service.name": "dacapo",
      "service.version": version,
      "dacapo.role": role,
    }).merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: telling(exporter, lost), exportTimeoutMillis: patience }),
    ],
  });
  const tracer = provider.getTracer("dacapo", version);
  return {
    begin({ name, kind, traceparent, linkedTo, attributes = {}, startedAt }) {
      const options = {
        kind: kinds[kind],
        attributes,
        links: linkedTo === undefined ? [] : [{ context: spanContextOf(linkedTo) }],
        ...(startedAt === undefined ? {} : { startTime: startedAt }),
      };
      const span = tracer.startSpan(name, options, parentOf(traceparent));
      return {
        traceparent: traceparentOf(span.spanContext()),
        end(more = {}, error) {
          span.setAttributes(more);
          if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
          span.end();
        },
      };
    },
    close: async () => {
      await provider.shutdown().catch((error: unknown) => lost(String(error)));
    },
  };
}
