import { admitted } from '../../core/telemetry';
import { tenantId } from '../../sandbox/entra/people';
import type { Exchange } from '../../sandbox/kernel/types';
import type { MemoryTelemetry, SentSpan } from '../support/memory-telemetry';

/** What can be followed of a publish: who set it going, what its steps did, and where people were shown it. */
export interface Story {
  readonly begunBy: readonly string[];
  readonly decidedBy: readonly string[];
  /** Steps without a link to the command that started the run. */
  readonly lost: readonly string[];
  readonly ended: string;
  /** Writes to Azure within its steps, each once. */
  readonly writes: readonly string[];
  /** Requests that Resource Manager answered without its id. */
  readonly withoutAzuresId: readonly string[];
  /** Cards that show it and were posted within spans that are linked to the command. */
  readonly cards: readonly string[];
}

export const wholeStory: Story = {
  begunBy: ['activity message > command publish'],
  decidedBy: ['activity invoke > command approve'],
  lost: [],
  ended: 'published',
  writes: [
    'azure DELETE Microsoft.Compute/galleries/images/versions',
    'azure DELETE Microsoft.Compute/virtualMachines',
    'azure DELETE Microsoft.VirtualMachineImages/imageTemplates',
    'azure PATCH Microsoft.Compute/galleries/images/versions',
    'azure PUT Microsoft.Compute/virtualMachines',
    'azure PUT Microsoft.Compute/virtualMachines/runCommands',
    'azure PUT Microsoft.VirtualMachineImages/imageTemplates',
  ],
  withoutAzuresId: [],
  cards: ['card approval', 'card news', 'card run'],
};

/** Of the first publish that came to its end. */
export function storyOf(spans: readonly SentSpan[]): Story {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const end = spans.find(
    ({ name, attributes }) => name.startsWith('step') && attributes['goldbot.outcome'] === 'published',
  );
  const steps = spans.filter((span) => span.name.startsWith('step') && of(span, end));
  const linked = unique(steps.flatMap(({ links }) => links)).flatMap((id) => byId.get(id) ?? []);
  const begun = linked.filter(({ name }) => name === 'command publish');
  const within = (span: SentSpan) => spans.filter(({ trace, id }) => trace === span.trace && id !== span.id);
  const requests = steps.flatMap(within);
  const cards = spans.filter(
    ({ name, links }) => name.startsWith('card') && links.some((id) => begun.some((b) => b.id === id)),
  );
  const path = (span: SentSpan) => `${byId.get(span.parent ?? '')?.name} > ${span.name}`;
  return {
    begunBy: begun.map(path),
    decidedBy: unique(linked.filter(({ name }) => /approve/.test(name)).map(path)),
    lost: steps.filter(({ links }) => !begun.some(({ id }) => links.includes(id))).map(({ name }) => name),
    ended: String(end?.attributes['goldbot.outcome']),
    writes: unique(requests.map(({ name }) => name).filter((name) => /^azure (PUT|PATCH|DELETE)/.test(name))).sort(),
    withoutAzuresId: requests.filter(answeredWithoutId).map(({ name }) => name),
    cards: unique(
      cards.filter((card) => within(card).some(({ name }) => name === 'teams POST')).map(({ name }) => name),
    ).sort(),
  };
}

const answeredWithoutId = ({ attributes }: SentSpan): boolean =>
  attributes['server.address'] === 'management.azure.com' &&
  'http.response.status_code' in attributes &&
  !attributes['azure.request_id'];

const of = (span: SentSpan, other: SentSpan | undefined): boolean =>
  span.attributes['goldbot.run'] === other?.attributes['goldbot.run'];

const unique = <T>(all: readonly T[]): T[] => [...new Set(all)];

/** Whether the metrics count what the spans show. */
export async function countsOf(seen: MemoryTelemetry | undefined) {
  const points = (await seen?.points()) ?? [];
  const spans = seen?.spans() ?? [];
  const sum = (name: string) => points.filter((p) => p.name === name).reduce((all, { value }) => all + value, 0);
  const answered = spans.filter(
    ({ name, attributes }) => name.startsWith('azure') && 'http.response.status_code' in attributes,
  );
  const first = spans.filter(({ name, attributes }) => name.startsWith('step') && attributes['goldbot.tries'] === 1);
  const same = (a: number, b: number) => (a === b && a > 20 ? 'as many as spans' : `${a} instead of ${b}`);
  return {
    requests: same(sum('goldbot.azure.requests'), answered.length),
    steps: same(sum('goldbot.step.lag'), first.length),
  };
}

/** What may not be told: names of people and resources, what was said, tokens, and whatever the list keeps back. */
export function leaks(seen: MemoryTelemetry, azure: readonly Exchange[]): readonly string[] {
  const spans = seen.raw();
  const kept = spans.filter(({ attributes: all, events }) => {
    return events.length > 0 || JSON.stringify(admitted(all)) !== JSON.stringify(all);
  });
  const text = spans
    .map(({ name, attributes, status, links }) =>
      JSON.stringify([name, attributes, status, links.map((l) => l.attributes)]),
    )
    .join('\n');
  const names = unique(azure.flatMap(({ url }) => namesIn(url)));
  const words = [...secrets, ...names].filter((word) => text.includes(word));
  return [...words, ...kept.map(({ name }) => name)];
}

const secrets = [
  ...['Ada', 'Grace', 'Heidi', 'Linus', 'Dana', 'Judy', 'a1d0c000-0000-4000-8000', 'b0bb1e50-0000-4000-8000', tenantId],
  ...['Bearer', 'sandbox', 'sig=', 'api-version', '@goldbot', 'Image Factory'],
];

/** `rg-gallery`, `ubuntu-22`: what stands at the place of a name in an address. */
function namesIn(url: string): string[] {
  const segments = new URL(url, 'https://management.azure.com').pathname.split('/').slice(1);
  return segments.filter((segment, at) => at % 2 === 1 && /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(segment));
}
