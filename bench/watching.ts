import { ImageBuilderClient } from '@azure/arm-imagebuilder';
import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import type { AzureRead, AzureWrite } from '../core/azure';
import { type EarlierRun, experienceOf, type PublishData } from '../core/runs';
import { hours, minutes, seconds } from '../core/time';
import { createAzure } from '../services';
import { seeded } from '../test/chaos/random';
import { fixed } from '../test/dialogs/support/plan';
import { aRun } from '../test/dialogs/support/world';
import { fakeCredential } from '../test/sandbox/client';
import { unheld } from '../test/support/unheld';
import { customise } from '../workflows/publish/build';
import type { PublishContext } from '../workflows/publish/stage';
import { seconds as inSeconds, type Result, thousands } from './table';

const images = 80;
/** Builds of an image before the one that is measured. */
const earlier = 11;
const start = Date.parse('2026-11-23T09:00:00Z');
const limit = { calls: 40, p50: seconds(5), p95: seconds(20) };
const id = 'R-22222' as const;

/** What Azure takes for one build, in milliseconds from the PUT: when it begins with each, and when it ends. */
interface Course {
  readonly provisionedAt: number;
  readonly customizingAt: number;
  readonly optimizingAt: number;
  readonly distributingAt: number;
  readonly endsAt: number;
}

/** An image as its builds usually go: 20 to 90 minutes, 5 to 12 of them for the copy into the gallery. */
interface Typical {
  readonly buildMs: number;
  readonly copyMs: number;
}

interface Watched {
  readonly calls: number;
  readonly lagMs: number;
  readonly data: PublishData;
}

/** The end of everything before the copy, and the copy, both as many percent longer or shorter as `spread` says. */
function courseOf({ buildMs, copyMs }: Typical, spread: number, random: () => number): Course {
  const distributingAt = Math.max(buildMs * Math.exp(spread * normal(random)), minutes(12));
  const endsAt = distributingAt + copyMs * Math.exp(spread * normal(random));
  return {
    ...{ provisionedAt: seconds(25), customizingAt: minutes(6), optimizingAt: distributingAt - minutes(5) },
    ...{ distributingAt, endsAt },
  };
}

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

function typicalOf(random: () => number): Typical {
  const wholeMs = minutes(20) * (90 / 20) ** random();
  const copyMs = minutes(5 + 7 * random());
  return { buildMs: wholeMs - copyMs, copyMs };
}

/** Image Builder as far as one build needs it, in time that only waiting lets pass. */
class Builder {
  nowMs = 0;
  calls = 0;
  private putAt: number | undefined;

  constructor(private readonly course: Course) {}

  readonly httpClient: HttpClient = {
    sendRequest: async (request) => {
      this.calls += 1;
      const { status, body } = this.answer(request);
      return {
        request,
        status,
        headers: createHttpHeaders(),
        bodyAsText: typeof body === 'string' ? body : JSON.stringify(body),
      };
    },
  };

  /** From the PUT on, in milliseconds. */
  get endsAt(): number {
    return (this.putAt ?? 0) + this.course.endsAt;
  }

  private answer({ method, url }: PipelineRequest): { readonly status: number; readonly body: unknown } {
    const { hostname, pathname } = new URL(url);
    if (hostname.includes('blob')) return { status: 200, body: this.log(pathname) };
    if (pathname.endsWith('/storageAccounts')) {
      const primaryEndpoints = { blob: 'https://staging.blob.core.windows.net/' };
      return { status: 200, body: { value: [{ properties: { primaryEndpoints } }] } };
    }
    if (method === 'PUT') this.putAt ??= this.nowMs;
    if (this.putAt === undefined || pathname.includes('/versions/')) {
      return { status: 404, body: { error: { code: 'ResourceNotFound', message: 'No.' } } };
    }
    if (pathname.includes('/runOutputs/')) return { status: 200, body: { name: 'o', properties: {} } };
    return { status: method === 'PUT' ? 201 : 200, body: this.template(this.nowMs - this.putAt) };
  }

  private log(pathname: string): string {
    const blob =
      '<Blob><Name>r/customization.log</Name><Properties><Content-Length>10</Content-Length></Properties></Blob>';
    return pathname === '/packerlogs'
      ? `<Blobs>${blob}</Blobs><NextMarker></NextMarker>`
      : 'Provisioning with shell script';
  }

  private template(sinceMs: number) {
    const { provisionedAt, customizingAt, optimizingAt, distributingAt, endsAt } = this.course;
    const phases = [
      [distributingAt, 'Distributing'],
      [optimizingAt, 'Optimizing'],
      [customizingAt, 'Customizing'],
    ] as const;
    const runSubState = phases.find(([from]) => sinceMs >= from)?.[1] ?? 'Building';
    const run =
      sinceMs >= endsAt
        ? { runState: 'Succeeded', endTime: new Date(start + this.endsAt).toISOString() }
        : { runState: 'Running', runSubState };
    const isReady = sinceMs >= provisionedAt;
    return {
      location: 'westeurope',
      identity: { type: 'None' },
      properties: {
        provisioningState: isReady ? 'Succeeded' : 'Creating',
        source: { type: 'PlatformImage' },
        distribute: [],
        exactStagingResourceGroup: '/subscriptions/s/resourceGroups/IT_rg',
        ...(isReady && { lastRunStatus: run }),
      },
    };
  }
}

/** One build as the stage itself watches it, from the first step to the one that goes on. */
async function watched(course: Course, earlierRuns: readonly EarlierRun[]): Promise<Watched> {
  const azure = new Builder(course);
  const { read, write } = createAzure({
    ...{ credential: fakeCredential, httpClient: azure.httpClient, subscription: 's' },
    clock: { now: () => new Date(start + azure.nowMs) },
  });
  const stage = customise(unheld);
  const times = [{ stage: 'customise' as const, attempt: 1, from: new Date(start).toISOString() }];
  let data: PublishData = { times, usual: experienceOf(earlierRuns, { image: fixed.image, os: 'Linux' }) };
  const inStage = { limit: { until: new Date(start + hours(8)) } };
  for (;;) {
    const run = {
      ...aRun(id, { plan: { request: {}, approvalChannel: 'a', fixed }, stage: 'customise', data }),
      inStage,
    };
    const now = new Date(start + azure.nowMs);
    const ports: { read: AzureRead; write: AzureWrite } = { read, write: write({ leftMs: () => 60_000 }) };
    const step = await stage.run({ run, inbox: [], approval: undefined, now, ...ports } as unknown as PublishContext);
    data = { ...data, ...step.data } as PublishData;
    if (step.kind === 'to') return { calls: azure.calls, lagMs: azure.nowMs - azure.endsAt, data };
    if (step.kind !== 'again') throw new Error(`the stage answered ${step.kind}`);
    azure.nowMs += step.ms;
  }
}

interface Figure {
  readonly calls: readonly number[];
  readonly lags: readonly number[];
}

/** The last of several builds of many images, of which goldbot knows what it saw of those before. */
async function goldbot(spread: number, before: number): Promise<Figure> {
  const random = seeded(14);
  const [calls, lags]: [number[], number[]] = [[], []];
  for (let image = 0; image < images; image++) {
    const typical = typicalOf(random);
    const known: EarlierRun[] = [];
    for (let n = 0; n < before; n++) {
      const { data } = await watched(courseOf(typical, spread, random), known);
      known.unshift({ image: fixed.image, os: 'Linux', took: data.took ?? {} });
    }
    const last = await watched(courseOf(typical, spread, random), known);
    calls.push(last.calls);
    lags.push(last.lagMs);
  }
  return { calls, lags };
}

/** What the SDK's poller does of itself: a look every two seconds. */
async function poller(): Promise<Figure> {
  const random = seeded(14);
  const [calls, lags]: [number[], number[]] = [[], []];
  for (let n = 0; n < 8; n++) {
    const azure = new Builder(courseOf(typicalOf(random), 0.05, random));
    const client = new ImageBuilderClient(fakeCredential, 's', { httpClient: azure.httpClient });
    const { virtualMachineImageTemplates: templates } = client;
    const body = {
      location: 'westeurope',
      identity: { type: 'None' as const },
      source: fixed.base as never,
      distribute: [],
    };
    const started = templates.createOrUpdate('rg', 't', body as never);
    await started.submitted();
    for (;;) {
      const { lastRunStatus } = await templates.get('rg', 't');
      if (lastRunStatus?.runState === 'Succeeded') break;
      azure.nowMs += seconds(2);
    }
    calls.push(azure.calls);
    lags.push(azure.nowMs - azure.endsAt);
  }
  return { calls, lags };
}

function share(of: readonly number[], part: number): number {
  const sorted = [...of].sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? 0;
}

const told = ({ calls, lags }: Figure): string =>
  `${thousands(share(calls, 0.5))} calls (95 of 100 at most ${thousands(share(calls, 0.95))}), lag p50 ${inSeconds(share(lags, 0.5))}, p95 ${inSeconds(share(lags, 0.95))}`;

/** B7: what it costs to see that Azure is done with a build, and how late that is seen. */
export async function watching(say: (line: string) => void): Promise<readonly Result[]> {
  const spreads = [0.05, 0.1, 0.25];
  const known: Figure[] = [];
  for (const spread of spreads) {
    const figure = await goldbot(spread, earlier);
    known.push(figure);
    say(`watching builds that differ by ${spread * 100} %, ${earlier} known: ${told(figure)}`);
  }
  const first = await goldbot(0.05, 0);
  say(`watching builds of which nothing is known: ${told(first)}`);
  const peer = await poller();
  say(`looking every 2 s, as the SDK does: ${told(peer)}`);
  const [own = first, ...others] = known;
  const reached =
    share(own.calls, 0.95) <= limit.calls && share(own.lags, 0.5) <= limit.p50 && share(own.lags, 0.95) <= limit.p95;
  return [
    {
      id: 'B7',
      what: 'builds of 20-90 min that differ by 5 % from one to the next, 11 known',
      goldbot: told(own),
      peers: [
        `the SDK's 2 s: ${told(peer)}`,
        ...others.map((figure, n) => `by ${(spreads[n + 1] ?? 0) * 100} %: ${told(figure)}`),
        `nothing known: ${told(first)}`,
      ],
      target: '40 calls, lag p50 5 s, p95 20 s',
      reached,
    },
  ];
}
