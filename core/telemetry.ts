/**
 * What operators may see of goldbot at work: the port through which every room tells it, and the closed lists of what may
 * be told. A name that is in no list does not compile, and a value that does not look as its row says is not sent: no
 * name of a person, no text that somebody wrote, no URL's query and no token can get out this way.
 */

interface AttributeRow {
  readonly says: string;
  /** How values look; whatever looks otherwise is sent as `otherValue`. */
  readonly is: RegExp | 'number' | 'flag';
}

const word = /^[a-z][a-z-]{0,39}$/;
const words = /^[a-z][a-z -]{0,59}$/;
const requestId = /^R-[2-9A-HJ-NP-Z]{5}$/;

/** Every attribute of spans and metrics. Names of HTTP are OpenTelemetry's own: Azure Monitor knows them. */
export const attributeRows = {
  'goldbot.activity': { says: 'what Teams sent: message, invoke, …', is: /^[A-Za-z]{1,40}$/ },
  'goldbot.command': { says: 'verb of the command', is: words },
  'goldbot.via': { says: 'text or button', is: word },
  'goldbot.outcome': { says: 'what came of it', is: words },
  'goldbot.code': { says: 'code of a refusal, as docs/reference/errors.md lists them', is: /^[A-Z][A-Z0-9_]{1,59}$/ },
  'goldbot.run': { says: 'id of the run', is: requestId },
  'goldbot.run.kind': { says: 'publish, change or digest', is: word },
  'goldbot.stage': { says: 'stage of the run in which a step is taken', is: words },
  'goldbot.next': { says: 'stage to which the step leads', is: words },
  'goldbot.attempt': { says: 'number of the build within the run', is: 'number' },
  'goldbot.tries': { says: 'claims since the last step that worked out', is: 'number' },
  'goldbot.schedule': { says: 'what recurs: digest or publish', is: word },
  'goldbot.queue': { says: 'runs, cards or messages', is: word },
  'goldbot.card': { says: 'what a card is about: run, approval, digest, …', is: word },
  'goldbot.request': { says: 'id of the run or approval request that a card shows', is: requestId },
  'azure.operation': {
    says: 'method and resource type, or path without names',
    is: /^[A-Z]{3,6} [A-Za-z][\w.{}$/-]{0,159}$/,
  },
  'azure.service': { says: 'whose limits a request counts against: resource-manager, graph, …', is: word },
  'azure.request_id': { says: "Azure's own id of a request, for its support", is: /^[\w-]{1,80}$/ },
  'azure.correlation_id': { says: "Azure's id of requests that belong together", is: /^[\w-]{1,80}$/ },
  'azure.throttled': { says: 'whether goldbot was asked to slow down', is: 'flag' },
  'azure.retry_after_ms': { says: 'for how long', is: 'number' },
  'teams.trouble': { says: 'what Teams had against a request', is: word },
  'http.request.method': { says: 'of a request that goldbot made', is: /^[A-Z]{3,7}$/ },
  'http.response.status_code': { says: 'of its answer', is: 'number' },
  'server.address': { says: 'host of a request; those with the names of customers are cut', is: /^[a-z0-9*.-]{1,80}$/ },
  'error.type': { says: 'name of an unexpected error', is: /^\w{1,60}$/ },
} as const satisfies Readonly<Record<string, AttributeRow>>;

export type AttributeName = keyof typeof attributeRows;

type ValueOf<Row extends AttributeRow> = Row['is'] extends 'number'
  ? number
  : Row['is'] extends 'flag'
    ? boolean
    : string;

/** Absent and undefined are the same: not told. */
export type Attributes = { readonly [Name in AttributeName]?: ValueOf<(typeof attributeRows)[Name]> | undefined };

/** In the place of a value that does not look like one of its attribute. */
export const otherValue = 'other';

interface SpanRow {
  readonly says: string;
  /** In Application Insights `server` and `consumer` are requests, the others are dependencies. */
  readonly kind: 'server' | 'consumer' | 'internal' | 'client';
  /** Its value follows the name. */
  readonly names?: AttributeName;
}

/** Every span; what is indented begins within what stands above it. */
export const spanRows = {
  activity: { says: 'Teams sent something: until it is acknowledged', kind: 'server', names: 'goldbot.activity' },
  command: { says: 'a command: until its answer is known', kind: 'internal', names: 'goldbot.command' },
  schedule: {
    says: 'something that recurs came due: until its run is begun',
    kind: 'consumer',
    names: 'goldbot.schedule',
  },
  step: {
    says: 'one step of a run; linked to what began it and what people said to it',
    kind: 'consumer',
    names: 'goldbot.stage',
  },
  azure: { says: 'one request to Azure or Microsoft Graph', kind: 'client', names: 'azure.operation' },
  card: { says: 'a card is posted or edited; linked to what began its run', kind: 'consumer', names: 'goldbot.card' },
  teams: { says: 'one request to Teams', kind: 'client', names: 'http.request.method' },
} as const satisfies Readonly<Record<string, SpanRow>>;

export type SpanName = keyof typeof spanRows;

interface MetricRow {
  readonly says: string;
  /** Counters are added up, histograms are of single values, gauges are read every minute. */
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly unit: string;
  readonly by: readonly AttributeName[];
}

export const metricRows = {
  'goldbot.queue.length': { says: 'rows that are due', kind: 'gauge', unit: '{row}', by: ['goldbot.queue'] },
  'goldbot.queue.age': { says: 'since when the oldest of them is', kind: 'gauge', unit: 's', by: ['goldbot.queue'] },
  'goldbot.runs.troubled': { says: 'open runs whose card asks for a look', kind: 'gauge', unit: '{run}', by: [] },
  'goldbot.audit.altered': {
    says: '1: the check at midnight found the audit altered',
    kind: 'gauge',
    unit: '{audit}',
    by: [],
  },
  'goldbot.step.lag': {
    ...{ says: 'from when a step was due until it began', kind: 'histogram', unit: 's', by: ['goldbot.run.kind'] },
  },
  'goldbot.azure.requests': {
    ...{ says: 'requests to Azure, each try', kind: 'counter', unit: '{request}' },
    by: ['azure.operation', 'http.response.status_code'],
  },
  'goldbot.azure.throttles': {
    ...{ says: 'of those, with which Azure asked to slow down', kind: 'counter', unit: '{request}' },
    by: ['azure.service', 'azure.operation'],
  },
  'goldbot.teams.requests': {
    ...{ says: 'requests to Teams, by what it had against them', kind: 'counter', unit: '{request}' },
    by: ['http.request.method', 'teams.trouble'],
  },
  'goldbot.refusals': {
    ...{ says: 'commands that were refused', kind: 'counter', unit: '{command}' },
    by: ['goldbot.code', 'goldbot.command'],
  },
  'goldbot.door.refusals': {
    ...{ says: 'requests that were turned away before they were heard', kind: 'counter', unit: '{request}' },
    by: ['http.response.status_code'],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

export type MetricName = keyof typeof metricRows;
type OfKind<Kind extends MetricRow['kind']> = {
  [Name in MetricName]: (typeof metricRows)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

/** What a metric may be told by; another attribute does not compile. */
type By<Name extends MetricName> = Pick<Attributes, (typeof metricRows)[Name]['by'][number] & AttributeName>;

/** The span in progress. */
export interface Span {
  /** Adds what is known by now. */
  set(attributes: Attributes): void;
  /** It did not work out, although nothing is thrown. */
  fail(attributes?: Attributes): void;
}

export interface SpanStart {
  readonly name: SpanName;
  readonly attributes?: Attributes;
  /** `traceparent`s, as `here` gave them; whatever is none of them is left out. */
  readonly links?: readonly (string | null | undefined)[];
  /** Begins a trace of its own, whatever it is called from. */
  readonly root?: boolean;
}

/** One value of a gauge. */
export type Reading = {
  [Name in OfKind<'gauge'>]: { readonly name: Name; readonly value: number; readonly by: By<Name> };
}[OfKind<'gauge'>];

/** What gauges read; asked once a minute. While it cannot be read, nothing is told. */
export type Readings = () => Promise<readonly Reading[]>;

/** Nothing here throws, waits or changes what the work does. */
export interface Telemetry {
  /** False: nobody listens. Whatever would be computed or asked for telemetry alone is left out. */
  readonly on: boolean;
  /**
   * Does the work as a span; what it begins meanwhile, also after an `await`, is within. What it throws is thrown on, and
   * the span has failed unless it is a UserError: a refusal with its code.
   */
  span<T>(start: SpanStart, work: (span: Span) => Promise<T>): Promise<T>;
  /** The span in progress as a W3C `traceparent`, to be kept beside what outlives the process. */
  here(): string | undefined;
  count<Name extends OfKind<'counter'>>(name: Name, by: By<Name>): void;
  measure<Name extends OfKind<'histogram'>>(name: Name, value: number, by: By<Name>): void;
  /** From now on these are the gauges. */
  watch(readings: Readings): void;
}

const unseen: Span = { set: () => {}, fail: () => {} };

/** Nobody listens. */
export const silentTelemetry: Telemetry = {
  on: false,
  span: (_, work) => work(unseen),
  here: () => undefined,
  count: () => {},
  measure: () => {},
  watch: () => {},
};

/** What may be told of these attributes, in the form in which it is sent. */
export function admitted(attributes: Attributes): Record<string, string | number | boolean> {
  const told: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(attributes)) {
    const row: AttributeRow | undefined = Object.hasOwn(attributeRows, name)
      ? attributeRows[name as AttributeName]
      : undefined;
    if (row && value !== undefined) told[name] = looksLike(row.is, value) ? value : otherValue;
  }
  return told;
}

function looksLike(is: AttributeRow['is'], value: unknown): boolean {
  if (is === 'number') return typeof value === 'number' && Number.isFinite(value);
  if (is === 'flag') return typeof value === 'boolean';
  return typeof value === 'string' && is.test(value);
}

const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Undefined for what is no `traceparent`. */
export function readTraceparent(text: string | null | undefined) {
  const [, traceId, spanId, flags] = traceparent.exec(text ?? '') ?? [];
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}
