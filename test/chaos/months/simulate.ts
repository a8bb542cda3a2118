import { versionTags } from '../../../core/images';
import { days, hours } from '../../../core/time';
import { people as known } from '../../support/azure-world';
import type { Message } from './people';
import { endOf, type Month, monthsOf, promisedDays, wrongWith } from './verdict';
import { type Change, type MonthsWorld, monthsWorld } from './world';

export { fourImages } from './catalogue';

export interface MonthsReport {
  readonly months: readonly Month[];
  /** How many ended how. */
  readonly ends: Readonly<Record<string, number>>;
  readonly kills: number;
  readonly freezes: number;
  readonly faults: number;
  /** What people did. */
  readonly did: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  /** In words; empty when every month ended as it should. */
  readonly wrong: readonly string[];
}

/** Schedules are looked after no more often than this, and no less often than four times a day; world time. */
const [lookMs, longestMs] = [hours(1), hours(6)];

/**
 * Months of scheduled publishes over a sandbox: replicas die and freeze, Azure fails, the catalogue freezes, somebody locks
 * an image, approvers are slow, reject and are too late. Then all ends in peace, and each month is judged by what people
 * saw and by what the gallery has.
 */
export async function simulateMonths(options: {
  readonly months: number;
  /** Names of `fourImages`. */
  readonly images: readonly string[];
  readonly seed: number;
  /** Those that nobody decides about before their day is past. */
  readonly slow?: readonly string[];
  readonly log?: (line: string) => void;
}): Promise<MonthsReport> {
  const world = await monthsWorld(options);
  try {
    const from = world.clock.now();
    const end = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + options.months, from.getUTCDate()));
    if (options.months > 3) lockForAWeek(world, new Date(from.getTime() + days(90)));
    const promised = world.catalogue.images.flatMap((image) => promisedDays(image, from).map(({ begins }) => begins));
    const { log } = options;
    await live(world, { end, promised, ...(log && { log }) });
    world.makePeace();
    await live(world, { end: new Date(end.getTime() + hours(12)), promised, ...(log && { log }) });
    return await report(world, from);
  } finally {
    await world.close();
  }
}

/** Somebody keeps the second image back while its month comes due. */
function lockForAWeek({ people, locks, catalogue }: MonthsWorld, at: Date): void {
  const image = catalogue.images[1]?.name ?? '';
  const about = { image, person: known.ada };
  people.later(at, 1, 'lock', () => locks.lock({ ...about, reason: 'a driver is being looked at', intent: 'lock' }));
  people.later(at, 70, 'unlock', () =>
    locks.unlock({ ...about, reason: 'it is mended', intent: 'unlock', isAdmin: false }),
  );
}

interface Span {
  readonly end: Date;
  /** Days by which something was to be ready: schedules are looked after then, as every half minute in life. */
  readonly promised: readonly Date[];
  readonly log?: (line: string) => void;
}

async function live(world: MonthsWorld, { end, promised, log = () => {} }: Span): Promise<void> {
  const { clock } = world;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let month = -1;
  while (clock.now() < end) {
    const fires = await world.firesNext();
    const isDue = fires !== undefined && fires <= clock.now();
    const isDay = promised.some((day) => day.getTime() > lookedAt && day <= clock.now());
    if (isDay || clock.nowMs() - lookedAt >= (isDue ? lookMs : longestMs)) {
      await world.look();
      lookedAt = clock.nowMs();
    }
    await world.settle();
    const moments = [await world.dueNext(), world.people.next(), await world.firesNext(), ...promised, end]
      .flatMap((at) => at?.getTime() ?? [])
      .filter((at) => at > clock.nowMs());
    const next = Math.min(...moments, lookedAt + longestMs);
    clock.advance(Math.max(next - clock.nowMs(), 1_000) / 60_000);
    if (clock.now().getUTCMonth() === month) continue;
    month = clock.now().getUTCMonth();
    log(`${clock.now().toISOString().slice(0, 10)} ${JSON.stringify(world.tally)}`);
  }
  await world.settle();
}

async function report(world: MonthsWorld, from: Date): Promise<MonthsReport> {
  const months = await monthsOf(world, from);
  const runs = await world.reads.runs({ limit: 10_000 });
  const audit = await world.reads.verifyAudit();
  const wrong = [
    ...months.flatMap((month) =>
      wrongWith(month).map((what) => `${month.image}, ${month.day.begins.toISOString().slice(0, 10)}: ${what}`),
    ),
    ...stale(world),
    ...(await leaks(world)),
    ...doubles(world.changes),
    ...world.complaints,
    ...(audit.intact ? [] : ['the audit is broken']),
  ];
  return {
    ...{ months, wrong, ...world.tally, did: world.people.did },
    ends: countOf(months.map(endOf)),
    outcomes: countOf(runs.map(({ outcome }) => outcome ?? 'open')),
  };
}

function countOf(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** Cards of schedules that still say what was weeks ago, or are edited although nothing has changed. */
function stale({ messages, clock }: MonthsWorld): readonly string[] {
  const cards = [...messages.values()].filter(({ topic }) => topic.startsWith('schedule:'));
  const waits = ({ text, sayings: [first] }: Message) =>
    text.includes('cannot begin') && first !== undefined && clock.nowMs() - first.at.getTime() > days(25);
  return cards.flatMap((card) => [
    ...(waits(card) ? [`${card.topic} still waits`] : []),
    ...(card.edits > 6 ? [`${card.topic} was edited ${card.edits} times`] : []),
  ]);
}

/** What ended runs left in Azure. */
async function leaks({ catalogue, leftoversOf, reads }: MonthsWorld): Promise<readonly string[]> {
  const open = new Set((await reads.openRuns()).map(({ id }) => id as string));
  const left = await Promise.all(catalogue.images.map(leftoversOf));
  return left.flat().flatMap(({ kind, name, runId }) => (open.has(runId) ? [] : [`${kind} ${name} was left`]));
}

/** What Azure did twice for the same thing. */
function doubles(changes: readonly Change[]): readonly string[] {
  const once = [
    ['PUT', /\/imageTemplates\/[^/?]+\?/i],
    ['POST', /\/imageTemplates\/[^/?]+\/run\?/i],
    ['PUT', /\/virtualMachines\/[^/?]+\?/i],
    ['PUT', /\/runCommands\/[^/?]+\?/i],
  ] as const;
  const urls = changes.flatMap(({ method, url }) =>
    once.some(([verb, path]) => verb === method && path.test(url)) ? [`${method} ${url.toLowerCase()}`] : [],
  );
  const exposed = changes.filter(exposes).map(({ url }) => `exposed ${url.toLowerCase()}`);
  const seen = new Set<string>();
  return [...urls, ...exposed].filter((url) => seen.size === seen.add(url).size).map((url) => `twice: ${url}`);
}

function exposes({ body }: Change): boolean {
  const { properties, tags } = (body ?? {}) as {
    properties?: { publishingProfile?: { excludeFromLatest?: boolean } };
    tags?: Record<string, string>;
  };
  const isFirst = tags?.[versionTags.published] !== undefined && tags[versionTags.state] === undefined;
  return isFirst && properties?.publishingProfile?.excludeFromLatest === false;
}
