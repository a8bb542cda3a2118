import type { AzureRead, AzureWrite, Build, Fence, GalleryVersion, Leftover } from '../../core/azure';
import { isUserError } from '../../core/errors';
import type { FixedPlan, RequestId } from '../../core/runs';
import { type Clock, hours, minutes } from '../../core/time';
import {
  appendAudit,
  claimLeftover,
  type Database,
  goldbot,
  type HeldFence,
  keepLeftovers,
  type LeasedLeftover,
  type LeftoverLook,
  type NewLeftover,
  redrawRun,
  type Work,
  writeLook,
} from '../../store';
import { aboutLeftover, type Wait } from '../engine';

/**
 * What runs leave in Azure: how one thing is deleted, when a run stops waiting for that, and the reaper, which tries on
 * until it is gone.
 */
export type Places = Pick<FixedPlan, 'place' | 'target'>;

const afterwards = 'The run ends without it: the reaper tries on, and the card says what is left and since when.';

/** How long a clean-up waits for one thing; usually each takes minutes. */
export const removals: Readonly<Record<Leftover['kind'], Wait>> = {
  template: { waitsFor: 'an image template to be gone', ms: hours(6), afterwards },
  machine: { waitsFor: 'a test machine to be gone', ms: hours(6), afterwards },
  version: { waitsFor: 'a candidate to be gone', ms: hours(6), afterwards },
};

/** `asked`: Azure has just been asked to change something. `said`: how it stands, as a sentence without its end. */
export interface Removal {
  readonly asked: boolean;
  readonly said: string;
}

interface Ports {
  readonly read: AzureRead;
  readonly write: AzureWrite;
}

/**
 * Takes the next step to delete something; one write at most. Safe to repeat. `insist`: asks for the deletion even where
 * Azure is usually busy with it, because it has been for too long.
 *
 * @throws UserError when Azure refuses (`AZ_CONFLICT`, `AZ_FORBIDDEN`) or does not answer.
 */
export async function remove(ports: Ports, places: Places, left: Leftover, insist = false): Promise<Removal> {
  const { busy, held } = await standing(ports.read, places, left);
  if (busy === building) {
    await ports.write.cancelBuild(places.place, left.name);
    return { asked: true, said: 'Image Builder was asked to cancel its build' };
  }
  if (busy !== undefined && !insist) return { asked: false, said: busy };
  await erase(ports.write, places, left);
  const already = busy ?? held;
  return {
    asked: true,
    said: already === undefined ? 'Azure was asked to delete it' : `${already}, and was asked again`,
  };
}

function erase(write: AzureWrite, { place, target }: Places, left: Pick<Leftover, 'kind' | 'name'>): Promise<void> {
  switch (left.kind) {
    case 'template':
      return write.deleteTemplate(place, left.name);
    case 'machine':
      return write.deleteTestMachine(place, left.name);
    case 'version':
      return write.deleteVersion(target, versionOf(left));
  }
}

/** The next step to delete something, taken when it is called: one write. */
export interface NextRemoval {
  /** What Azure is doing with it already; then nothing need be asked. */
  readonly busy?: string;
  /** True when the thing is on its way; false when a build of it was cancelled first. */
  act(): Promise<boolean>;
}

/** As `remove`, for people who have agreed to it: looks first, and leaves the write to whoever asks. */
export async function nextRemoval(ports: Ports, places: Places, left: Leftover): Promise<NextRemoval> {
  const { busy } = await standing(ports.read, places, left);
  if (busy === building) {
    return { act: () => ports.write.cancelBuild(places.place, left.name).then(() => false) };
  }
  return { ...(busy !== undefined && { busy }), act: () => erase(ports.write, places, left).then(() => true) };
}

const versionOf = ({ name }: Pick<Leftover, 'name'>): string => name.slice(name.indexOf('@') + 1);

/** How something stands that is to be deleted, in words; empty when nothing is in the way. */
interface Standing {
  /** What Azure is doing with it. Image Builder refuses to delete a template that is building: that is cancelled first. */
  readonly busy?: string | undefined;
  /** Why Azure could not delete it when it was asked. */
  readonly held?: string;
}

async function standing(read: AzureRead, { place, target }: Places, left: Leftover): Promise<Standing> {
  switch (left.kind) {
    case 'template':
      return standingOf(await read.build(place, left.name));
    case 'machine':
      return (await read.testMachine(place, left.name)).state === 'deleting' ? { busy: deleting } : {};
    case 'version':
      return { busy: versionStates[(await read.version(target, versionOf(left)))?.provisioningState ?? 'Succeeded'] };
  }
}

/** A template that failed for one of these reasons cannot be deleted either, until somebody has mended it. */
const holds: readonly (readonly [when: RegExp, held: string])[] = [
  [/InUse/, 'Azure cannot delete its staging group until somebody removes what holds it'],
  [
    /assigned managed identity cannot be used/i,
    'Azure cannot delete it until somebody gives it an identity that exists, with “az image builder identity assign”',
  ],
];

function standingOf(build: Build): Standing {
  const why = build.state === 'failed' ? `${build.code} ${build.message}` : '';
  const held = holds.find(([when]) => when.test(why))?.[1];
  if (build.state !== 'failed' || held === undefined) return { busy: templateStates[build.state] };
  return { held: `${held} (${build.message.replace(/[.]$/, '')})` };
}

const building = 'Image Builder is building with it';
const deleting = 'Azure is deleting it';
/** What Azure is copying to other regions it deletes only then. */
const versionStates: Readonly<Partial<Record<GalleryVersion['provisioningState'], string>>> = {
  Deleting: deleting,
  Updating: 'Azure is still changing it or copying it to its regions',
};
const templateStates: Readonly<Partial<Record<Build['state'], string>>> = {
  running: building,
  cancelling: 'Image Builder is cancelling its build',
  provisioning: 'Image Builder is still preparing it',
  deleting,
};

/** Something whose deletion takes too long, for the reaper. */
export function handed(
  left: Pick<NewLeftover, 'id' | 'kind' | 'name'> & { readonly runId: string },
  places: Places,
  told: Pick<NewLeftover, 'since' | 'answer' | 'dueAt'>,
): NewLeftover {
  const { place, target } = places;
  return { ...left, runId: left.runId as RequestId, place: { place, target }, ...told };
}

/** The reaper's first look at what has just been asked of Azure. */
export const soon = (now: Date): Date => new Date(now.getTime() + spacingMs(0));

/** A run whose things Azure did not even list. */
export function unread(runId: RequestId, places: Places, since: Date, answer: string): NewLeftover {
  const name = `whatever ${runId} made in ${places.place.resourceGroup}`;
  return handed({ id: `unread ${runId}`, kind: 'unread', name, runId }, places, { since, answer, dueAt: since });
}

/** World time between two looks: 10 minutes, 20, 40 … at most a day. Nothing is forgotten, and nothing is hammered. */
export const spacingMs = (looks: number): number => Math.min(minutes(10) * 2 ** Math.min(looks, 10), hours(24));

export interface ReaperDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly read: AzureRead;
  readonly write: (fence: Fence) => AzureWrite;
}

/** Tries on to delete what ended runs left, each thing at its own rhythm, and tells when it is gone. */
export function reaper(deps: ReaperDeps): Work {
  return {
    name: 'leftovers',
    atOnce: 1,
    pollMs: 1_000,
    unhurried: true,
    claim: async (terms) => {
      const left = await claimLeftover(deps.database, deps.clock.now(), terms);
      return left && { lease: left.lease, work: (fence) => reap(deps, left, fence) };
    },
  };
}

/** What a look found: what is to be written, and what an unread run turned out to have left. */
interface Found extends Pick<LeftoverLook, 'answer'> {
  readonly gone: boolean;
  readonly more?: readonly NewLeftover[];
}

async function reap(deps: ReaperDeps, left: LeasedLeftover, fence: HeldFence): Promise<void> {
  const { answer, gone, more = [] } = await look(deps, left, fence);
  await deps.database.transaction(async (tx) => {
    const now = deps.clock.now();
    const dueAt = new Date(now.getTime() + spacingMs(left.looks));
    if (!(await writeLook(tx, left.lease, { answer, dueAt, goneAt: gone ? now : null }))) return;
    await keepLeftovers(tx, more);
    if (!gone && answer === left.answer) return;
    await redrawRun(tx, left.runId);
    const action = gone ? 'leftover-gone' : 'leftover';
    await appendAudit(tx, [{ ...(await aboutLeftover(tx, { ...left, answer })), at: now, who: goldbot, action }]);
  });
}

async function look({ read, write, clock }: ReaperDeps, left: LeasedLeftover, fence: HeldFence): Promise<Found> {
  const places = left.place as Places;
  const now = clock.now();
  try {
    const there = (await read.leftovers(places.place, places.target)).filter((l) => l.runId === left.runId);
    if (left.kind === 'unread') {
      const more = there.map((l) => handed(l, places, { since: left.since, answer: 'it was found late', dueAt: now }));
      return { gone: true, answer: 'Azure has told what was left', more };
    }
    // Whatever has the same name now and is not of this run is none of our business.
    const same = there.find((l) => l.id.toLowerCase() === left.id);
    if (!same) return { gone: true, answer: 'it is gone' };
    return { gone: false, answer: (await remove({ read, write: write(fence) }, places, same, true)).said };
  } catch (error) {
    if (isUserError(error) && error.code === 'FENCED') throw error;
    return { gone: false, answer: error instanceof Error ? error.message : String(error) };
  }
}
