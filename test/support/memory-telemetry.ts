import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { createTelemetry, type RunningTelemetry } from '../../services';

/** A span as it would be sent. */
export interface SentSpan {
  readonly name: string;
  readonly trace: string;
  readonly id: string;
  readonly parent: string | undefined;
  /** Of the linked spans. */
  readonly links: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
}

export interface SentPoint {
  readonly name: string;
  readonly by: Readonly<Record<string, unknown>>;
  /** Of histograms, how many values there were. */
  readonly value: number;
}

export interface MemoryTelemetry {
  readonly telemetry: RunningTelemetry;
  /** Everything that left the SDK, as the exporter got it. */
  spans(): readonly SentSpan[];
  points(): Promise<readonly SentPoint[]>;
  raw(): readonly ReadableSpan[];
}

/** The SDK with exporters that keep what they are given. */
export function memoryTelemetry(): MemoryTelemetry {
  const spans = new InMemorySpanExporter();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const metrics = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const telemetry = createTelemetry({ instance: 'test', memory: { spans, metrics }, onTrouble: () => {} });
  return {
    telemetry,
    raw: () => spans.getFinishedSpans(),
    spans: () => spans.getFinishedSpans().map(sent),
    async points() {
      await metrics.forceFlush();
      const [last] = exporter.getMetrics().slice(-1);
      return (last?.scopeMetrics ?? []).flatMap(({ metrics: all }) =>
        all.flatMap(({ descriptor: { name }, dataPoints }) =>
          dataPoints.map(({ attributes: by, value }) => ({ name, by, value: numberOf(value) })),
        ),
      );
    },
  };
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : (value as { count: number }).count);

function sent(span: ReadableSpan): SentSpan {
  const { traceId, spanId } = span.spanContext();
  return {
    ...{ name: span.name, trace: traceId, id: spanId, parent: span.parentSpanContext?.spanId },
    links: span.links.map(({ context }) => context.spanId),
    attributes: span.attributes,
    failed: span.status.code === 2,
  };
}
