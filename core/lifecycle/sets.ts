import { parseAzureId, sameId } from '../azure-id';
import { sumOf } from '../collections';
import type { SetMode } from '../compliance';
import { compareVersions } from '../images';
import { hours, minutes } from '../time';

/** One scale set on its way to a version: what Azure says of it, and from that alone what comes next. */

/** A scale set as Azure has it now. */
export interface SetModel {
  readonly name: string;
  /** That its model names: the id of a definition or of a version; empty for other images. */
  readonly image: string;
  readonly mode: SetMode;
  /** Azure is changing it. */
  readonly isBusy: boolean;
  /** Its instances are virtual machines. */
  readonly isFlexible: boolean;
  /** A reimage brings its instances to the image of the model. */
  readonly takesReimage: boolean;
}

export interface SetSeen extends SetModel {
  readonly instances: readonly InstanceSeen[];
}

export interface InstanceSeen {
  /** As upgrades call it: its number, or the name of a machine of a flexible set. */
  readonly id: string;
  /** Of the image that it runs. */
  readonly definition: string;
  /** Its exact number; empty when Azure does not say. */
  readonly version: string;
  /** `failed`: Azure could not make or change it. */
  readonly state: 'running' | 'stopped' | 'busy' | 'failed';
  /** `unknown`: nobody looks. */
  readonly health: 'healthy' | 'unhealthy' | 'unknown';
  /** Its owner keeps what is done to the whole set from it. */
  readonly isShielded: boolean;
  /** Azure says that it took the newest model, which need not mean that its disk is new; false where Azure does not say. */
  readonly hasModel: boolean;
}

/** An upgrade of a set by Azure, batch by batch: the last one that there was. */
export interface RollingUpgrade {
  readonly startedAt: Date;
  readonly state: 'running' | 'completed' | 'cancelled' | 'faulted';
  /** Instances that it has not come to. */
  readonly pending: number;
  /** What Azure says went wrong. */
  readonly error?: string;
}

/** What Azure asks the owner of a set before it upgrades it, or before one of the batches. */
export interface UpgradeQuestion {
  readonly name: string;
  /** Ids of what waits for an answer: the set, or instances. */
  readonly waiting: readonly string[];
  /** When Azure goes on without an answer, and until when that can be put off. */
  readonly until: Date;
  readonly latest: Date;
  /** What Azure does then. */
  readonly otherwise: 'approve' | 'reject';
}

export interface RolloutRead {
  /** By resource id; undefined when it is gone. */
  scaleSet(id: string): Promise<SetModel | undefined>;
  setInstances(id: string, set: Pick<SetModel, 'isFlexible'>): Promise<readonly InstanceSeen[]>;
  /** The last one that there was; undefined when there never was one. */
  rollingUpgrade(id: string): Promise<RollingUpgrade | undefined>;
  /** Those that wait for an answer. */
  upgradeQuestions(id: string): Promise<readonly UpgradeQuestion[]>;
}

export interface RolloutWrite {
  /** Has the model name a version. Azure accepts first; what becomes of instances is the upgrade policy's matter. */
  setModelImage(id: string, versionId: string): Promise<void>;
  /**
   * Gives instances the model that there is. Each loses its disk, also one that has the model: only after a read that
   * found them on another version.
   */
  upgradeInstances(id: string, instances: readonly string[]): Promise<void>;
  /**
   * Gives instances a new system disk of a version of the image that their set names. Each loses what it has: only after a
   * read that found them on another version. At least one: Azure would take all.
   */
  reimageInstances(id: string, instances: readonly string[], version: string): Promise<void>;
  /** Has Azure stop the upgrade that it is at, after the batch that is on its way. Not where there is none. */
  cancelUpgrade(id: string): Promise<void>;
  /** Lets an upgrade begin that the set's policy defers. Where none waits, nothing happens. */
  approveUpgrade(id: string): Promise<void>;
  /** Says yes to a question. */
  answerQuestion(id: string, question: Pick<UpgradeQuestion, 'name' | 'waiting'>): Promise<void>;
  /** Has Azure wait for an answer until then, at most until the question's `latest`. */
  putOffQuestion(id: string, name: string, until: Date): Promise<void>;
}

/** A set with its instances; undefined when it is gone. @throws UserError `AZ_…` */
export async function readSet(read: RolloutRead, id: string): Promise<SetSeen | undefined> {
  const set = await read.scaleSet(id);
  return set && { ...set, instances: await read.setInstances(id, set) };
}

/** What a run keeps of a set. */
export interface SetProgress {
  /** Instances on the version, and all that there are. */
  readonly on: number;
  readonly of: number;
  readonly state: 'now' | 'done' | 'left' | 'failed';
  /** Its model leads to the version: whatever starts anew runs it. */
  readonly isNamed?: true;
  /** A clause whose subject is the set, or instances of it. */
  readonly note?: string;
  /** The instances that were last asked to change, and when (ISO, world time). */
  readonly batch?: {
    readonly ids: readonly string[];
    readonly at: string;
    /** Those of it that took the model and kept their disks. What is kept before Azure is asked tells a replica that comes after. */
    readonly reimage?: { readonly ids: readonly string[]; readonly isAsked?: true };
  };
  /** All that came to the version by a reimage. */
  readonly reimaged?: readonly string[];
  /** After a cancel: Azure was asked to stop its upgrade, or goldbot may not ask. */
  readonly halt?: 'asked' | 'forbidden';
}

export interface SetWanted {
  /** Of the set. */
  readonly id: string;
  /** Id of the definition. */
  readonly definition: string;
  readonly version: string;
  /** World time since when an upgrade by Azure is this run's. */
  readonly since: Date;
  readonly progress?: SetProgress | undefined;
  readonly upgrade?: RollingUpgrade | undefined;
  /** Those who decided agreed that instances are reimaged which took the model and still run another version. */
  readonly mayReimage?: boolean | undefined;
}

/** What comes next for a set. `stop`: nothing more is done, to this set or to another. */
export type SetStep = { readonly progress: SetProgress } & (
  | { readonly kind: 'over' }
  | { readonly kind: 'model' }
  | { readonly kind: 'upgrade'; readonly ids: readonly string[] }
  /** `otherwise`: why it stops where Azure does not let goldbot. */
  | { readonly kind: 'reimage'; readonly ids: readonly string[]; readonly otherwise: string }
  /** `question`: that is answered; absent: the set's policy defers it, and nothing shows that it waits. */
  | { readonly kind: 'approve'; readonly question?: UpgradeQuestion }
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'stop'; readonly why: string }
);

/** World time that a batch has to be healthy: boots, and a probe that has to see it a few times. */
export const healthMs = minutes(10);
/** World time that Azure has to give a batch its new disks. */
export const batchMs = minutes(30);
/** Of all instances. */
const batchShare = 0.2;
/** A set that is not well is not touched: what breaks then could not be told from what was broken. */
const mostUnhealthy = 0.2;

/** World time that Azure has to ask, or to begin what it was let to begin. */
const beginMs = hours(1);

/**
 * How a set comes to a version that Azure upgrades by itself once its owner lets it: it is let, and watched. On the way
 * Azure may find a newer version, which counts as well.
 */
export function nextOfAsked(
  seen: SetSeen | undefined,
  wanted: SetWanted & { readonly asks: 'hook' | 'deferral'; readonly questions: readonly UpgradeQuestion[] },
  now: Date,
): SetStep {
  const { progress: before, upgrade, since, version, asks } = wanted;
  if (!seen) return { kind: 'over', progress: leftWith(before, 'is gone') };
  const behind = seen.instances.filter((one) => compareVersions(one.version || '0.0.0', version) < 0);
  const progress: SetProgress = {
    ...{ on: seen.instances.length - behind.length, of: seen.instances.length, state: 'now' },
    ...(before?.batch && { batch: before.batch }),
  };
  if (!sameId(seen.image.replace(/\/versions\/latest$/i, ''), wanted.definition)) {
    return { kind: 'over', progress: leftWith(progress, 'does not follow this image any more') };
  }
  if (behind.every(({ isShielded }) => isShielded)) {
    return { kind: 'over', progress: { ...progress, state: 'done', ...notesOf(behind) } };
  }
  const [question] = wanted.questions;
  if (question) return { kind: 'approve', question, progress };
  if (upgrade?.state === 'running')
    return { kind: 'wait', why: `Azure upgrades ${seen.name} batch by batch`, progress };
  if (upgrade && upgrade.startedAt >= since) {
    if (upgrade.state === 'completed')
      return { kind: 'over', progress: { ...progress, state: 'done', ...notesOf(behind) } };
    const why = endedWords(upgrade);
    return { kind: 'stop', why, progress: { ...progress, state: 'failed', note: why } };
  }
  if (asks === 'deferral' && !before?.batch) return { kind: 'approve', progress };
  if (!isLate(before?.batch?.at, beginMs, now)) {
    const batch = before?.batch ?? { ids: [], at: now.toISOString() };
    return { kind: 'wait', why: `Azure has not begun with ${seen.name} yet`, progress: { ...progress, batch } };
  }
  return {
    kind: 'over',
    progress: leftWith(progress, 'was let to upgrade, and Azure has begun nothing within an hour'),
  };
}

/** The one rule of how a set comes to a version. */
export function nextOfSet(seen: SetSeen | undefined, wanted: SetWanted, now: Date): SetStep {
  const before = wanted.progress;
  if (!seen) return { kind: 'over', progress: leftWith(before, 'is gone') };
  const on = seen.instances.filter(isOn(wanted));
  const [definition = '', named] = seen.image.split(/\/versions\//i);
  const isNamed = named === undefined || sameId(named, 'latest') || named === wanted.version;
  const progress: SetProgress = {
    ...{ on: on.length, of: seen.instances.length, state: 'now' },
    ...(isNamed && { isNamed }),
    ...batchOf(seen, before, on, now),
    ...reimagedTo(before, on),
  };
  if (!sameId(definition, wanted.definition)) {
    return { kind: 'over', progress: leftWith(progress, 'has gone over to another image') };
  }
  // While Azure moves it batch by batch, Azure judges it.
  if (isByAzure(wanted)) return { kind: 'wait', why: `Azure upgrades ${seen.name} batch by batch`, progress };
  const stop = stopped(wanted, on, now) ?? stuck(seen, wanted, on, now);
  if (typeof stop === 'string') return stopping(progress, stop);
  if (stop) return { kind: 'reimage', ...stop, progress };
  const waits = waitsFor(seen, wanted, on, now);
  if (waits !== undefined) return { kind: 'wait', why: waits, progress };
  if (!isNamed) return model(seen, progress);
  return batch(seen, wanted, progress);
}

/** Nothing more is done: what that says stands beside the set as well. */
export const stopping = (progress: SetProgress, why: string): SetStep & { readonly kind: 'stop' } => ({
  kind: 'stop',
  why,
  progress: { ...progress, state: 'failed', note: why },
});

const leftWith = (progress: SetProgress | undefined, note: string): SetProgress => ({
  ...{ on: progress?.on ?? 0, of: progress?.of ?? 0, state: 'left', note },
  ...(progress?.reimaged && { reimaged: progress.reimaged }),
});

/**
 * What is kept of a set whose last batch is reimaged in part, which then has its time anew: before Azure is asked, and
 * once it was.
 */
export function reimaging(progress: SetProgress, ids: readonly string[], now: Date): SetProgress {
  const reimage = { ids, ...(progress.batch?.reimage && { isAsked: true as const }) };
  return { ...progress, batch: { ids: progress.batch?.ids ?? ids, at: now.toISOString(), reimage } };
}

/** Whoever is being changed is of the batch: where the commit of it was lost, nothing else tells. */
function batchOf(
  { instances }: SetSeen,
  before: SetProgress | undefined,
  on: readonly InstanceSeen[],
  now: Date,
): Pick<SetProgress, 'batch'> {
  const last = before?.batch;
  const busy = instances.filter(({ state }) => state === 'busy').map(({ id }) => id);
  if (busy.every((id) => last?.ids.includes(id))) return last ? { batch: last } : {};
  const open = last?.ids.filter((id) => !on.some((one) => one.id === id)) ?? [];
  return { batch: { ...last, ids: [...new Set([...open, ...busy])], at: now.toISOString() } };
}

function reimagedTo(before: SetProgress | undefined, on: readonly InstanceSeen[]): Pick<SetProgress, 'reimaged'> {
  const { reimaged = [], batch } = before ?? {};
  const fresh = on.flatMap(({ id }) => (batch?.reimage?.ids.includes(id) ? [id] : []));
  const all = [...new Set([...reimaged, ...fresh])];
  return all.length > 0 ? { reimaged: all } : {};
}

/** A clause whose subject is the set; undefined: none was. */
export function reimagedWords({ reimaged: ids = [] }: SetProgress): string | undefined {
  return ids.length === 0 ? undefined : `had ${idsOf(ids)} reimaged`;
}

const isOn =
  ({ definition, version }: Pick<SetWanted, 'definition' | 'version'>) =>
  (one: InstanceSeen): boolean =>
    sameId(one.definition, definition) && one.version === version;

const isUnwell = ({ health, state }: InstanceSeen): boolean => health === 'unhealthy' || state === 'failed';

/** Those that got the version and do not do their work. One that was asked to change and does not run is one of them. */
const unwellOf = (on: readonly InstanceSeen[], last: SetProgress['batch']): readonly InstanceSeen[] =>
  on.filter((one) => isUnwell(one) || (one.state === 'stopped' && last?.ids.includes(one.id) === true));

const isByAzure = ({ upgrade, since }: SetWanted): boolean =>
  upgrade?.state === 'running' && upgrade.startedAt >= since;

const isLate = (since: string | undefined, ms: number, now: Date): boolean =>
  since !== undefined && now.getTime() - new Date(since).getTime() > ms;

function endedWords({ state, error }: RollingUpgrade): string {
  const said = state === 'cancelled' ? 'somebody cancelled it' : (error ?? 'Azure does not say why');
  return `was not upgraded by Azure: ${said.replace(/\.+$/, '')}`;
}

/** How whoever owns the set gives instances the model that Azure took and they do not run. */
function reimageWords(id: string, { name, takesReimage }: SetModel, stale: readonly InstanceSeen[]): string {
  const them = stale.length === 1 ? 'it' : 'them';
  if (!takesReimage) return `its owner replaces ${them}`;
  const group = parseAzureId(id)?.resourceGroup ?? '';
  const ids = stale.map((one) => one.id).join(' ');
  const command = `az vmss reimage --resource-group ${group} --name ${name} --instance-ids ${ids}`;
  return `its owner reimages ${them} (${command}), or a rollout that is asked for with the role ${reimageRole} on ${group} does`;
}

/** The role with which a rollout reimages. */
const reimageRole = 'goldbot-reimage';

/** Why nothing more may be done, a clause about the set or its instances. */
function stopped(wanted: SetWanted, on: readonly InstanceSeen[], now: Date): string | undefined {
  const { upgrade, progress: { batch: last } = {}, version, since } = wanted;
  if (upgrade && upgrade.startedAt >= since && (upgrade.state === 'faulted' || upgrade.state === 'cancelled')) {
    return endedWords(upgrade);
  }
  const unwell = unwellOf(on, last);
  // Of a batch whose commit was lost nobody knows since when it has been so.
  if (unwell.length > 0 && isLate(last?.at ?? since.toISOString(), healthMs, now)) {
    return `has ${namesOf(unwell)} unhealthy on ${version}`;
  }
  return undefined;
}

/**
 * Why nothing more may be done where a batch still runs what it ran long after Azure took its upgrade; or which of it are
 * reimaged, where people agreed to that and it has not been tried. Whoever did not take the model, does not run or is
 * shielded would be left behind by that as well.
 */
function stuck(
  seen: SetSeen,
  wanted: SetWanted,
  on: readonly InstanceSeen[],
  now: Date,
): string | { readonly ids: readonly string[]; readonly otherwise: string } | undefined {
  const last = wanted.progress?.batch;
  const behind = seen.instances.filter(
    (one) => last?.ids.includes(one.id) && !on.includes(one) && one.state !== 'stopped',
  );
  const isDue = last?.reimage !== undefined && !last.reimage.isAsked;
  // Whoever is busy then may have been asked by a replica that did not come to say so.
  const mayBeAsked = isDue && (seen.isBusy || behind.some(({ state }) => state === 'busy'));
  if (behind.length === 0 || mayBeAsked || !(isDue || isLate(last?.at, batchMs, now))) return undefined;
  const still = `has ${namesOf(behind)} still on ${versionsOf(behind)}, although Azure took the upgrade`;
  if (last?.reimage?.isAsked) {
    const them = behind.length === 1 ? 'it' : 'them';
    return `${still} and goldbot reimaged ${them}; its owner looks why, and replaces ${them}`;
  }
  const otherwise = `${still}; ${reimageWords(wanted.id, seen, behind)}`;
  const isReady = behind.every(({ hasModel, isShielded, state }) => hasModel && !isShielded && state === 'running');
  if (!wanted.mayReimage || !seen.takesReimage || seen.isBusy || !isReady) return otherwise;
  return { ids: behind.map((one) => one.id), otherwise };
}

/** `instance 3`, `instances 3 and 4`. */
const namesOf = (instances: readonly InstanceSeen[]): string => idsOf(instances.map(({ id }) => id));

function idsOf(ids: readonly string[]): string {
  const some = ids.slice(0, 4);
  const rest = ids.length - some.length;
  const all = rest > 0 ? [...some, `${rest} more`] : some;
  const last = all.length > 1 ? ` and ${all.at(-1)}` : '';
  return `${ids.length === 1 ? 'instance' : 'instances'} ${all.slice(0, last === '' ? 1 : -1).join(', ')}${last}`;
}

const versionsOf = (instances: readonly InstanceSeen[]): string =>
  [...new Set(instances.map(({ version }) => version || 'another image'))].join(', ');

function waitsFor({ name, isBusy, instances }: SetSeen, wanted: SetWanted, on: readonly InstanceSeen[], now: Date) {
  const last = wanted.progress?.batch;
  if (isBusy) return `Azure is changing ${name}`;
  const busy = instances.filter(({ state }) => state === 'busy');
  if (busy.length > 0) return `Azure upgrades ${namesOf(busy)} of ${name}`;
  const unwell = unwellOf(on, last);
  if (unwell.length > 0) return `${namesOf(unwell)} of ${name} ${unwell.length === 1 ? 'is' : 'are'} not healthy yet`;
  const due = instances.filter((one) => last?.ids.includes(one.id) && !on.includes(one) && one.state !== 'stopped');
  const does = last?.reimage ? 'reimages' : 'upgrades';
  return due.length > 0 && !isLate(last?.at, batchMs, now) ? `Azure ${does} ${namesOf(due)} of ${name}` : undefined;
}

function model(seen: SetSeen, progress: SetProgress): SetStep {
  if (seen.mode === 'Automatic' && seen.instances.length > 0) {
    return {
      kind: 'over',
      progress: leftWith(progress, 'would lose all its instances at once (upgrade policy Automatic)'),
    };
  }
  const unwell = sickBefore(seen, progress);
  return unwell ?? { kind: 'model', progress };
}

function sickBefore({ instances }: SetSeen, progress: SetProgress): SetStep | undefined {
  const sick = instances.filter(isUnwell);
  if (sick.length <= instances.length * mostUnhealthy) return undefined;
  const why = `has ${namesOf(sick)} unhealthy on what they run now, so it was not touched`;
  return { kind: 'stop', why, progress: { ...progress, state: 'failed', note: why } };
}

/** One first, then a fifth at a time; those that do not run, and those that their owner shields, are left. */
function batch(seen: SetSeen, wanted: SetWanted, progress: SetProgress): SetStep {
  const rest = seen.instances.filter((one) => !isOn(wanted)(one));
  const due = rest.filter(({ state, isShielded }) => !isShielded && (state === 'running' || state === 'failed'));
  if (due.length === 0) return { kind: 'over', progress: { ...progress, state: 'done', ...notesOf(rest) } };
  const unwell = progress.batch ? undefined : sickBefore(seen, progress);
  if (unwell) return unwell;
  const size = progress.batch ? Math.max(1, Math.ceil(seen.instances.length * batchShare)) : 1;
  return { kind: 'upgrade', ids: due.slice(0, size).map(({ id }) => id), progress };
}

function notesOf(left: readonly InstanceSeen[]): Pick<SetProgress, 'note'> {
  const shielded = left.filter(({ isShielded }) => isShielded);
  const stopped = left.filter(({ isShielded, state }) => !isShielded && state !== 'running');
  const running = left.filter(({ isShielded, state }) => !isShielded && state === 'running');
  const words = [
    ...(stopped.length > 0 ? [`${namesOf(stopped)} not running`] : []),
    ...(running.length > 0 ? [`${namesOf(running)} on ${versionsOf(running)}`] : []),
    ...(shielded.length > 0 ? [`${namesOf(shielded)} protected by the owner`] : []),
  ];
  return words.length === 0 ? {} : { note: `was left with ${words.join(', and ')}` };
}

/** Of all sets of a run. */
export function tallyOf(progress: Readonly<Record<string, SetProgress>> | undefined): {
  readonly on: number;
  readonly of: number;
} {
  const all = Object.values(progress ?? {});
  return { on: sumOf(all, ({ on }) => on), of: sumOf(all, ({ of }) => of) };
}
