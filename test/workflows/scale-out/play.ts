import type { AzureRead } from '../../../core/azure';
import type { CopiesPlan } from '../../../core/lifecycle';
import { byApprovers, isVersionPlan, type RolloutPlan, type VersionPlan } from '../../../core/runs';
import { rolloutPlan, versionPlan } from '../../support/changes';
import { type Act, type Change, type Hand, type Life, regions } from './acts';
import { type ChangeRunDriver, changeRuns } from './runs';
import { image, type ScaleOutWorld, versionPath } from './world';

/** Plays a life, and tells what went wrong in it. */

export interface Played {
  /** Sets that goldbot left unable to grow, and where model and sandbox differ: sentences. */
  readonly wrong: readonly string[];
  /** `revoke done`, and how often. */
  readonly ends: ReadonlyMap<string, number>;
}

/** What a blast radius is made of, as if nobody used anything. */
export function blind(read: AzureRead): AzureRead {
  return {
    ...read,
    scaleSets: async () => ({ rows: [], total: 0 }) as never,
    imageConsumers: async () => ({ rows: [], total: 0 }) as never,
  };
}

interface Playing {
  readonly world: ScaleOutWorld;
  readonly start: (plan: VersionPlan | RolloutPlan) => ChangeRunDriver;
  readonly keeps: boolean;
  readonly ends: Map<string, number>;
  readonly wrong: string[];
  /** Sets that cannot grow, and that somebody answers for: by hand, or by glass that was broken. */
  readonly answeredFor: Set<string>;
  /** Numbers that goldbot took out of latest. */
  readonly taken: Set<string>;
  published: number;
}

export async function play(world: ScaleOutWorld, life: Life, seen: (read: AzureRead) => AzureRead): Promise<Played> {
  await world.begin(life);
  const { read, write: fenced } = world.azure();
  const write = fenced({ leftMs: () => 3_600_000 });
  const start = changeRuns({ read: seen(read), write, clock: world.clock });
  const playing: Playing = {
    ...{ world, start, keeps: life.keeps, published: 0 },
    ...{ ends: new Map(), wrong: [], answeredFor: new Set(), taken: new Set() },
  };
  for (const act of life.acts) await playAct(playing, act);
  await scaleOutAll(playing);
  return playing;
}

async function playAct(playing: Playing, act: Act): Promise<void> {
  if (act.by === 'goldbot') return change(playing, act);
  await byHand(playing, act);
  await account(playing, 'hand', () => true);
}

/** Whoever acted last answers for what cannot grow since: as far as they may. */
async function account(
  { world, answeredFor, wrong }: Playing,
  by: string,
  may: (set: string) => boolean,
): Promise<number> {
  const writes = await world.listen();
  const unable = new Set(world.model().unable(world.nowMs()));
  for (const name of answeredFor) if (!unable.has(name)) answeredFor.delete(name);
  for (const name of unable) {
    if (answeredFor.has(name)) continue;
    answeredFor.add(name);
    if (!may(name)) wrong.push(`${name} cannot grow since goldbot's ${by}`);
  }
  return writes;
}

async function scaleOutAll({ world, wrong, answeredFor }: Playing): Promise<void> {
  for (const set of world.model().sets.values()) {
    const expected = world.model().take(set, world.nowMs());
    const made = await world.scaleOut(set.name);
    if (made !== expected) wrong.push(`${set.name} takes ${made}, and the model says ${expected}`);
    if (made === undefined && !answeredFor.has(set.name))
      wrong.push(`${set.name} cannot grow, and nobody answers for it`);
  }
}

const numbers = ({ world }: Pick<Playing, 'world'>): readonly string[] =>
  [...world.model().versions.keys()].sort((a, b) => (isAbove(a, b) ? -1 : 1));
const nth = <T>(all: readonly T[], n: number): T | undefined => all[n % all.length];

async function change(playing: Playing, act: Change): Promise<void> {
  const plan = await planOf(playing, act);
  if (!plan) return;
  const run = playing.start(plan);
  const what = `${act.verb} of ${isVersionPlan(plan) ? plan.versions.join(', ') : plan.version}`;
  const meanwhile = {
    planned: [...act.planned],
    agreed: [...act.agreed],
    written: [...act.written] as Act[],
  };
  const others = async (when: keyof typeof meanwhile) => {
    for (const other of meanwhile[when].splice(0)) await playAct(playing, other);
  };
  let hasWritten = false;
  for (let hasAsked = false; run.stage() !== undefined; ) {
    if (run.stage() === 'apply') await others('planned');
    if (run.stage() === 'apply') await others('agreed');
    const before = run.stage();
    await run.step();
    const writes = await account(playing, what, (set) => isOnRecord(playing, run, set));
    if (before === 'approve' && !hasAsked) {
      hasAsked = true;
      await others('planned');
      run.decide(act.answer === 'refuse' ? 'rejected' : 'approved');
    }
    hasWritten ||= writes > 0;
    if (run.stage() === 'review') run.review();
    if (hasWritten && run.stage() !== undefined) await others('written');
  }
  const end = `${act.verb} ${run.data().ending?.how}`;
  playing.ends.set(end, (playing.ends.get(end) ?? 0) + 1);
  if (!isVersionPlan(plan)) return rolledOut(playing, plan, run);
  if (plan.breakGlass && hasWritten && run.data().review?.by === undefined)
    playing.wrong.push(`nobody had to review the ${what}`);
  if (act.verb === 'revoke' || act.verb === 'retire') for (const number of plan.versions) playing.taken.add(number);
  settled(playing, plan, run);
}

/** Whether people agreed to break this set, by its name, when they were asked. */
function isOnRecord({ world, ends }: Playing, run: ChangeRunDriver, set: string): boolean {
  const plan = run.plan();
  if (!isVersionPlan(plan) || !plan.breakGlass || !plan.approval) return false;
  const isAgreed = plan.radius?.breaks.some((id) => id.toLowerCase() === world.setId(set).toLowerCase()) ?? false;
  if (isAgreed) ends.set('broken glass', (ends.get('broken glass') ?? 0) + 1);
  return isAgreed;
}

/** What goldbot calls done is so by the model's reading, unless somebody was there meanwhile. */
function settled(
  { world, wrong }: Playing,
  { verb, versions, regions: where, copies, forward }: VersionPlan,
  run: ChangeRunDriver,
): void {
  if (run.data().ending?.how !== 'done') return;
  const shows = verb === 'restore' || verb === 'promote';
  if (forward !== undefined && !world.model().isOffered(forward))
    wrong.push(`rollback forward is done, and ${forward} is not offered`);
  for (const number of versions) {
    if (copies) {
      const there = world.model().versions.get(number)?.there ?? new Set();
      const has = (region: string) => there.has(region.toLowerCase().replaceAll(' ', ''));
      if (!copies.set.every(({ name }) => has(name)) || copies.remove.some(has))
        wrong.push(`replicate of ${number} is done, and its copies are in ${[...there].join(', ')}`);
      continue;
    }
    const isOffered = world.model().isOffered(number, where);
    if (isOffered !== shows) wrong.push(`${verb} of ${number} is done, and it is ${isOffered ? '' : 'not '}offered`);
  }
}

/** A rollout that is done has brought each set that it did not leave to the version. */
function rolledOut({ world, wrong }: Playing, { version, sets }: RolloutPlan, run: ChangeRunDriver): void {
  if (run.data().ending?.how !== 'done') return;
  for (const { id, name } of sets) {
    const { pinned } = world.model().sets.get(name) ?? {};
    const isLeft = run.data().rollout?.[id]?.state === 'left';
    // One that somebody let take the latest meanwhile names nothing, and none of these has an instance.
    if (!isLeft && pinned !== undefined && pinned !== version)
      wrong.push(`rollout of ${version} is done, and ${name} names ${pinned}`);
  }
}

/** To every set that names a version, whether it could take this one or not: the run has to see that. */
function rolloutOf({ world }: Playing, version: string, more: object): RolloutPlan | undefined {
  const named = [...world.model().sets.values()].filter(({ pinned }) => pinned !== undefined);
  if (named.length === 0) return undefined;
  return rolloutPlan({
    ...{ version, target: `ubuntu-22 ${version}`, ...more },
    sets: named.map(({ name, region }) => ({ id: world.setId(name), name, location: region, way: 'batches' })),
  });
}

/** Given up where it is named, all but one, and made in the first region without one. */
function copiesOf({ world }: Playing, number: string, named: readonly string[] = ['East US']): CopiesPlan | undefined {
  const there = [...(world.model().versions.get(number)?.regions.keys() ?? [])];
  const isThere = (region: string) => there.includes(region.toLowerCase().replaceAll(' ', ''));
  const remove = named.filter(isThere).slice(0, Math.max(there.length - 1, 0));
  const set = regions.filter((region) => !isThere(region)).map((name) => ({ name, replicas: 1 }));
  return remove.length + set.length === 0 ? undefined : { set: set.slice(0, 1), again: [], remove };
}

/** What is above it leaves latest; forward, what was hidden before will do as well, and a copy that was never shown is taken. */
async function backTo(playing: Playing, to: string, verb: 'rollback' | 'forward', more: object) {
  const { world } = playing;
  const higher = numbers(playing).filter((other) => isAbove(other, to));
  const offered = higher.filter((other) => world.model().isOffered(other));
  const left = verb === 'forward' ? await copyOf(world, to, higher[0]) : undefined;
  const there = higher.filter((one) => world.model().versions.get(one)?.keptUntilMs === undefined && one !== left);
  const versions = offered.length === 0 && verb === 'forward' ? there : offered;
  if (versions.length === 0) return undefined;
  const plan = { ...more, versions, to };
  if (verb === 'rollback') return versionPlan('rollback', versions[0], plan);
  if (left === undefined) playing.published += 1;
  return versionPlan('rollback', versions[0], { ...plan, forward: left ?? `1.${5 + playing.published}.0` });
}

/** The number, if the version is a copy of the other one that nobody has shown. */
async function copyOf(world: ScaleOutWorld, to: string, number: string | undefined): Promise<string | undefined> {
  if (number === undefined) return undefined;
  const { body } = await world.send('GET', versionPath(number));
  const { tags = {} } = body as { readonly tags?: Readonly<Record<string, string>> };
  return tags['goldbot-state'] === 'being-copied' && tags['goldbot-copy-of'] === to ? number : undefined;
}

async function planOf(playing: Playing, act: Change): Promise<VersionPlan | RolloutPlan | undefined> {
  const { world, keeps } = playing;
  const all = numbers(playing);
  const fitting = all.filter((one) => fits(playing, act.verb, one));
  const number = nth(fitting.length > 0 ? fitting : all, act.version);
  if (number === undefined) return undefined;
  const more = {
    reason: 'because',
    ...(act.answer !== 'unasked' && {
      approval: byApprovers(image, world.clock.now(), act.glass ? 2 : 1),
      ...(act.glass && act.verb !== 'rollout' && { breakGlass: true as const }),
    }),
  };
  if (act.verb === 'rollout') return rolloutOf(playing, number, more);
  if (act.verb === 'rollback' || act.verb === 'forward') return backTo(playing, number, act.verb, more);
  if (act.verb === 'replicate') {
    const copies = copiesOf(playing, number, act.regions);
    return copies && versionPlan('replicate', number, { ...more, copies });
  }
  if (act.verb === 'promote')
    return versionPlan('promote', number, { ...more, ...(act.regions && { regions: act.regions }) });
  const isKept = world.model().versions.get(number)?.keptUntilMs !== undefined;
  if (act.verb === 'restore') return versionPlan('restore', number, { ...more, ...(isKept && { deleted: true }) });
  if (act.verb === 'revoke') return versionPlan('revoke', number, more);
  const { body } = await world.send('GET', versionPath(number));
  const { endOfLifeDate } = (body.properties?.['publishingProfile'] ?? {}) as { endOfLifeDate?: string };
  return versionPlan('retire', number, {
    ...more,
    keeps,
    ...(endOfLifeDate !== undefined && { lifts: endOfLifeDate }),
  });
}

/** Whether the act could be meant for it: runs that are refused at once teach little. */
function fits({ world, taken }: Playing, verb: Change['verb'], number: string): boolean {
  const model = world.model();
  const isKept = model.versions.get(number)?.keptUntilMs !== undefined;
  if (verb === 'restore') return isKept || (taken.has(number) && !model.isOffered(number));
  if (verb === 'promote') return !isKept && !model.isOffered(number);
  if (verb === 'rollback' || verb === 'forward')
    return model.isOffered(number) && numbers({ world }).some((other) => isAbove(other, number));
  return !isKept;
}

function isAbove(a: string, b: string): boolean {
  const [left = 0, right = 0] = [a, b].map((number) =>
    number.split('.').reduce((sum, part) => sum * 1_000 + Number(part), 0),
  );
  return left > right;
}

async function byHand(playing: Playing, hand: Hand): Promise<void> {
  const { world } = playing;
  const model = world.model();
  const number = 'version' in hand && hand.version !== undefined ? nth(numbers(playing), hand.version) : undefined;
  const set = 'set' in hand ? nth([...model.sets.keys()], hand.set) : undefined;
  switch (hand.does) {
    case 'publish':
      return publish(playing, hand);
    case 'flag': {
      const targetRegions = await regionsOf(playing, number, hand.own);
      if (number === undefined || !targetRegions) return;
      const publishingProfile = { excludeFromLatest: hand.excluded, targetRegions };
      await world.send('PATCH', versionPath(number), { properties: { publishingProfile, storageProfile: {} } });
      return;
    }
    case 'pin':
    case 'follow': {
      if (set === undefined || (hand.does === 'pin' && number === undefined)) return;
      const id = hand.does === 'pin' ? versionPath(number ?? '') : versionPath('').replace('/versions/', '');
      const virtualMachineProfile = { storageProfile: { imageReference: { id } } };
      await world.send('PATCH', world.setId(set), { properties: { virtualMachineProfile } });
      await world.listen();
      // The sandbox begins nothing on a set that is being changed.
      world.clock.advance(1);
      return;
    }
    case 'go':
      if (set !== undefined) world.goes(set);
      return;
    case 'come': {
      const region = (nth(regions, hand.region) ?? '').toString();
      const coming = {
        name: '',
        region: region.toLowerCase().replaceAll(' ', ''),
        flexible: hand.flexible,
        pinned: number,
      };
      // Azure makes no set of what it cannot deploy.
      if (model.take(coming, world.nowMs()) !== undefined) world.come({ ...coming, region });
      return;
    }
    case 'machine':
      if (number !== undefined) world.machineFrom(number);
      return;
    case 'delete':
      if (number !== undefined) await world.send('DELETE', versionPath(number));
      await world.listen();
      world.clock.advance(2);
      return;
    case 'wait':
      world.clock.advance(hand.hours * 60);
  }
}

/** As goldbot publishes: hidden and at home first, then shown, and copied to where it was not. */
async function publish(
  playing: Playing,
  { regions: where, isShown, isWaitedFor }: Extract<Hand, { does: 'publish' }>,
): Promise<void> {
  const { world } = playing;
  const source = numbers(playing).find((number) => world.model().isOffered(number));
  if (source === undefined) return;
  playing.published += 1;
  const path = versionPath(`1.${5 + playing.published}.0`);
  const storageProfile = { source: { id: versionPath(source) } };
  const home = { excludeFromLatest: true, targetRegions: [{ name: 'West Europe' }] };
  await world.send('PUT', path, { location: 'westeurope', properties: { publishingProfile: home, storageProfile } });
  world.clock.advance(600);
  const names = new Set(['West Europe', ...where]);
  const publishingProfile = { excludeFromLatest: !isShown, targetRegions: [...names].map((name) => ({ name })) };
  await world.send('PATCH', path, { properties: { publishingProfile, storageProfile: {} } });
  if (isWaitedFor) world.clock.advance(600);
}

async function regionsOf({ world }: Playing, number: string | undefined, own: readonly (boolean | null)[]) {
  if (number === undefined) return undefined;
  const { body } = await world.send('GET', versionPath(number));
  const { targetRegions } = (body.properties?.['publishingProfile'] ?? {}) as { targetRegions?: { name: string }[] };
  return targetRegions?.map(({ name }, n) => ({
    name,
    ...(typeof own[n] === 'boolean' && { excludeFromLatest: own[n] }),
  }));
}
