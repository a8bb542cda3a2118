import { AsyncLocalStorage } from 'node:async_hooks';
import type { TokenCredential } from '@azure/core-auth';
import { AzureMonitorMetricExporter, AzureMonitorTraceExporter } from '@azure/monitor-opentelemetry-exporter';
import {
  type Span as ApiSpan,
  DiagLogLevel,
  diag,
  type Link,
  type Meter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  MeterProvider,
  type MetricReader,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { isUserError } from '../../core/errors';
import {
  type Attributes,
  admitted,
  type MetricName,
  metricRows,
  type Readings,
  readTraceparent,
  type Span,
  type SpanName,
  type SpanStart,
  spanRows,
} from '../../core/telemetry';
import { seconds, within } from '../../core/time';
import type { RunningTelemetry } from './index';

/** Where telemetry goes; all of them. */
export interface Destinations {
  /** Names this replica. */
  readonly instance: string;
  /** `credential`: of an identity with the role Monitoring Metrics Publisher; the connection string alone when absent. */
  readonly applicationInsights?: { readonly connectionString: string; readonly credential?: TokenCredential };
  /** Base address of an OTLP collector over HTTP: `http://collector:4318`. */
  readonly otlp?: string;
  /** For tests: at once, and without a copy on any wire. */
  readonly memory?: { readonly spans: SpanExporter; readonly metrics: MetricReader };
  /** Told once that telemetry does not get through, and once when it does again. */
  readonly onTrouble: (trouble: { readonly why: string } | 'over') => void;
}

const everyMs = seconds(60);
const sendMs = seconds(10);

/** Loads nothing more and starts sending. */
export function startSdk(to: Destinations): RunningTelemetry {
  const tell = quietly(to.onTrouble);
  // What the packages have to say about themselves would go to the console; their failures are told by `tell`.
  diag.setLogger(
    { error: () => {}, warn: () => {}, info: () => {}, debug: () => {}, verbose: () => {} },
    DiagLogLevel.NONE,
  );
  const resource = resourceFromAttributes({
    'service.name': 'goldbot',
    'service.instance.id': to.instance,
  });
  const tracers = new BasicTracerProvider({ resource, spanProcessors: processorsOf(to, tell) });
  const meters = new MeterProvider({ resource, readers: readersOf(to, tell) });
  const meter = meters.getMeter('goldbot');
  return {
    ...spansOf(tracers),
    ...numbersOf(meter),
    watch: gaugesOf(meter),
    on: true,
    async close(ms) {
      await within(ms, Promise.allSettled([tracers.shutdown(), meters.shutdown()]), () => []);
    },
  };
}

type Tell = (result: { readonly code: number; readonly error?: Error }) => void;

/** Says that something went wrong once, until it goes right. */
function quietly(onTrouble: Destinations['onTrouble']): Tell {
  let troubled = false;
  return ({ code, error }) => {
    if (troubled === (code !== 0)) return;
    troubled = code !== 0;
    // The text of an error may hold an address with a key in it.
    const { name, code: reason = '' } = (error ?? new Error()) as Error & { code?: unknown };
    onTrouble(troubled ? { why: `${name} ${reason}`.trim() } : 'over');
  };
}

function processorsOf({ applicationInsights, otlp, memory }: Destinations, tell: Tell): SpanProcessor[] {
  const exporters: SpanExporter[] = [
    ...(applicationInsights ? [new AzureMonitorTraceExporter(optionsOf(applicationInsights))] : []),
    ...(otlp ? [new OTLPTraceExporter({ url: `${base(otlp)}/v1/traces`, timeoutMillis: sendMs })] : []),
  ];
  return [
    ...exporters.map((exporter) => new BatchSpanProcessor(heard(exporter, tell), { exportTimeoutMillis: sendMs })),
    ...(memory ? [new SimpleSpanProcessor(memory.spans)] : []),
  ];
}

function readersOf({ applicationInsights, otlp, memory }: Destinations, tell: Tell): MetricReader[] {
  const exporters: PushMetricExporter[] = [
    ...(applicationInsights ? [new AzureMonitorMetricExporter(optionsOf(applicationInsights))] : []),
    ...(otlp ? [new OTLPMetricExporter({ url: `${base(otlp)}/v1/metrics`, timeoutMillis: sendMs })] : []),
  ];
  const times = { exportIntervalMillis: everyMs, exportTimeoutMillis: sendMs * 2 };
  return [
    ...exporters.map((exporter) => new PeriodicExportingMetricReader({ exporter: heard(exporter, tell), ...times })),
    ...(memory ? [memory.metrics] : []),
  ];
}

/** Nothing is written to disk: in a container there is none. */
function optionsOf({ connectionString, credential }: NonNullable<Destinations['applicationInsights']>) {
  return { connectionString, disableOfflineStorage: true, ...(credential && { credential }) };
}

const base = (url: string): string => url.replace(/\/+$/, '');

interface Exporter<Batch> {
  export(batch: Batch, done: (result: { code: number; error?: Error }) => void): void;
}

/** The same exporter; what becomes of each batch is heard. */
function heard<Batch, E extends Exporter<Batch>>(exporter: E & Exporter<Batch>, tell: Tell): E {
  const send = exporter.export.bind(exporter);
  exporter.export = (batch: Batch, done: (result: { code: number; error?: Error }) => void) =>
    send(batch, (result) => {
      tell(result);
      done(result);
    });
  return exporter;
}

const kinds = {
  server: SpanKind.SERVER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
} as const;

function spansOf(tracers: BasicTracerProvider): Pick<RunningTelemetry, 'span' | 'here'> {
  const tracer = tracers.getTracer('goldbot');
  const current = new AsyncLocalStorage<ApiSpan>();
  return {
    async span(start, work) {
      const parent = start.root ? undefined : current.getStore();
      const context = parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
      const links = (start.links ?? []).flatMap(linkTo);
      const span = tracer.startSpan(start.name, { kind: kinds[spanRows[start.name].kind], links }, context);
      const seen = new Seen(start, span);
      try {
        return await current.run(span, () => work(seen));
      } catch (error) {
        // What goldbot refuses and explains is no failure of its own.
        if (isUserError(error)) seen.set({ 'goldbot.code': error.code });
        else seen.fail({ 'error.type': nameOf(error) });
        throw error;
      } finally {
        span.end();
      }
    },
    here() {
      const { traceId, spanId, traceFlags } = current.getStore()?.spanContext() ?? {};
      return traceId && `00-${traceId}-${spanId}-${String(traceFlags).padStart(2, '0')}`;
    },
  };
}

function linkTo(text: string | null | undefined): Link[] {
  const context = readTraceparent(text);
  return context ? [{ context: { ...context, isRemote: true } }] : [];
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'Error');

/** A span in progress, named by what it is about as soon as that is known. */
class Seen implements Span {
  constructor(
    private readonly start: SpanStart,
    private readonly span: ApiSpan,
  ) {
    if (start.attributes) this.set(start.attributes);
  }

  set(attributes: Attributes): void {
    const told = admitted(attributes);
    this.span.setAttributes(told);
    const about = told[spanNamer(this.start.name)];
    if (about !== undefined) this.span.updateName(`${this.start.name} ${about}`);
  }

  fail(attributes: Attributes = {}): void {
    this.set(attributes);
    // Without a message: what an error says may name people.
    this.span.setStatus({ code: SpanStatusCode.ERROR });
  }
}

const spanNamer = (name: SpanName): string => spanRows[name].names;

function numbersOf(meter: Meter): Pick<RunningTelemetry, 'count' | 'measure'> {
  const of = (kind: 'counter' | 'histogram') =>
    (Object.keys(metricRows) as MetricName[]).filter((name) => metricRows[name].kind === kind);
  const optionsOf = (name: MetricName) => ({ unit: metricRows[name].unit, description: metricRows[name].says });
  const counters = new Map(of('counter').map((name) => [name, meter.createCounter(name, optionsOf(name))]));
  const histograms = new Map(of('histogram').map((name) => [name, meter.createHistogram(name, optionsOf(name))]));
  return {
    count: (name, by) => counters.get(name)?.add(1, admitted(by)),
    measure: (name, value, by) => histograms.get(name)?.record(value, admitted(by)),
  };
}

/** One question for all gauges. Whoever cannot be asked is silent: an alert on missing values tells it. */
function gaugesOf(meter: Meter): RunningTelemetry['watch'] {
  let readings: Readings = async () => [];
  const gauges = (Object.keys(metricRows) as MetricName[])
    .filter((name) => metricRows[name].kind === 'gauge')
    .map((name) => {
      const { unit, says: description } = metricRows[name];
      return [name, meter.createObservableGauge(name, { unit, description })] as const;
    });
  const named = new Map(gauges);
  meter.addBatchObservableCallback(
    async (result) => {
      const read = await within(sendMs, readings(), () => []).catch(() => []);
      for (const { name, value, by } of read) {
        const gauge = named.get(name);
        if (gauge) result.observe(gauge, value, admitted(by));
      }
    },
    gauges.map(([, gauge]) => gauge),
  );
  return (next) => {
    readings = next;
  };
}
