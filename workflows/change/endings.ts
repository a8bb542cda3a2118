import type { AuditRecord } from '../../core/audit';
import type { AzureRead } from '../../core/azure';
import { definitionId, galleryVersionId } from '../../core/azure-id';
import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { definitionsOf, type ListedVersion } from '../../core/compliance';
import { isUserError } from '../../core/errors';
import { imageRef, isCandidate, noneIfMissing } from '../../core/images';
import {
  type EndingsFound,
  type Estate,
  endingsTopic,
  type HeldVersion,
  overdue,
  readUsers,
  retention,
  retentionReason,
  withCopies,
} from '../../core/lifecycle';
import {
  byApprovers,
  type ChangeEnding,
  changeStages,
  changeSubject,
  isVersionPlan,
  type Run,
  type VersionPlan,
} from '../../core/runs';
import { type Clock, dayOf, days, hours, minutes } from '../../core/time';
import { type Happening, toldOf } from '../../core/webhooks';
import {
  appendAudit,
  type Database,
  dropRequestId,
  firedKeys,
  goldbot,
  holdOwnLook,
  insertRun,
  type Lease,
  ownLookFound,
  ownLookWork,
  ownRuns,
  type Queryable,
  takeRequestId,
  type Work,
  wantCard,
  writeOwnLook,
} from '../../store';
import { keepTold } from '../engine';
import { comparedIn, tellParity } from './parity';
import { followEnds, type Proposal } from './past-end';

/**
 * Once a day goldbot looks at all published versions. One that is past its end of life and still offered is asked to be
 * taken out of latest, by a run that people decide about. One that has to stay, since nothing fit would be latest instead,
 * is told of once a day in the channel of its approvers. Once a month the oldest unused versions of an image that wants
 * so are asked to be retired.
 */

export interface EndingDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly catalogue: () => Catalogue;
  readonly read: AzureRead;
}

/** Of the day, UTC: people find it when they come to work. */
const lookAtMs = hours(6);
const afterFailureMs = minutes(10);
/** Nobody asked, so that the one who asks does not count as the second pair of eyes. */
const decidersOfOwn = 2;

/** The next time of day after `now`. */
export function nextLook(now: Date): Date {
  const midnight = Math.floor(now.getTime() / days(1)) * days(1);
  const today = midnight + lookAtMs;
  return new Date(today > now.getTime() ? today : today + days(1));
}

export function endingLooks(deps: EndingDeps): Work {
  return ownLookWork('endings', deps, { look: 'endings', firstAt: nextLook, take: (lease) => look(deps, lease) });
}

interface Judged {
  readonly proposals: readonly Proposal[];
  readonly held: readonly HeldVersion[];
}

async function look(deps: EndingDeps, lease: Lease): Promise<void> {
  const { database, clock, catalogue } = deps;
  const now = clock.now();
  const { images } = catalogue();
  const listed = await told(deps.read.publishedVersions(definitionsOf(catalogue())));
  const judged: Judged[] = [];
  const last = await ownLookFound(database, 'endings');
  const since = last?.toldUpTo === undefined ? new Date(now.getTime() - days(1)) : new Date(last.toldUpTo);
  let isWhole = listed !== undefined;
  for (const image of images) {
    const found = listed && (await told(judge(deps, image, listed.rows, now)));
    if (found) judged.push(found);
    else isWhole = false;
  }
  const parity = await comparedIn(deps, last?.parity, now);
  const toldUpTo = (listed ? now : since).toISOString();
  const followed = await told(followEnds(deps, now));
  if (!followed) isWhole = false;
  const found: EndingsFound = {
    ...{ asOf: now.toISOString(), toldUpTo, held: judged.flatMap(({ held }) => held) },
    refused: followed?.refused ?? last?.refused ?? [],
    ...(parity && { parity }),
  };
  const dueAt = isWhole ? nextLook(now) : new Date(now.getTime() + afterFailureMs);
  await database.transaction(async (tx) => {
    if (!(await holdOwnLook(tx, lease))) return;
    const records: AuditRecord[] = [];
    for (const { proposals } of [...judged, ...(followed ? [followed] : [])]) {
      for (const proposal of proposals) records.push(...(await begin(tx, proposal, now)));
    }
    const ended = listed ? endedBetween(catalogue(), listed.rows, { since, now }) : [];
    await keepTold(tx, toldOf(catalogue(), ended, now));
    await tell(tx, found, now);
    if (parity && parity !== last?.parity) await tellParity(tx, parity, now);
    await writeOwnLook<'endings'>(tx, lease, found, dueAt);
    await appendAudit(tx, records);
  });
}

/** What Azure does not tell now is asked again soon; everybody else is not held up. */
export async function told<Told>(answer: Promise<Told>): Promise<Told | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!isUserError(error)) throw error;
    return undefined;
  }
}

/** Images of which nothing is overdue or proposed cost no question of their own. */
async function judge(deps: EndingDeps, image: ImageConfig, rows: readonly ListedVersion[], now: Date): Promise<Judged> {
  const { read, catalogue, database } = deps;
  const gallery = imageRef(catalogue().azure, image);
  const own = rows.filter(({ source }) => source === definitionId(gallery).toLowerCase());
  const ends = own.some(({ endOfLife, regions }) => endOfLife && endOfLife <= now && regions.length > 0);
  const period = now.toISOString().slice(0, 7);
  const monthly = `retention:${image.name}:${period}`;
  const isProposed = async () => (await firedKeys(database, [monthly])).has(monthly);
  const retires =
    image.retention === 'monthly' &&
    own.filter((one) => !isCandidate(one)).length > image.keep &&
    !(await isProposed());
  if (!ends && !retires) return { proposals: [], held: [] };
  const [listed, users] = await Promise.all([
    noneIfMissing(read.versions(gallery)),
    readUsers(read, catalogue(), image),
  ]);
  const all = listed.length === 0 ? [] : await withCopies(read, gallery, listed);
  const estate: Estate = { all, users, now };
  const about = { image, gallery, now };
  const ending = await endingsOf(database, estate, about);
  if (!retires) return ending;
  const oldest = retirement(estate, about, { period, keeps: await read.keepsDeleted(gallery) });
  return { ...ending, proposals: [...ending.proposals, ...(oldest ? [{ plan: oldest, dedupe: monthly }] : [])] };
}

interface About {
  readonly image: ImageConfig;
  readonly gallery: VersionPlan['gallery'];
  readonly now: Date;
}

/** Each that is overdue: what keeps it, what somebody decided about it, or the run that takes it out. */
async function endingsOf(database: Database, estate: Estate, about: About): Promise<Judged> {
  const { image, now } = about;
  const late = overdue(estate).map((one) => ({ ...one, plan: endingPlan(one, about) }));
  const before = await ownRuns(
    database,
    late.map(({ plan }) => changeSubject(plan)),
  );
  const proposals: Proposal[] = [];
  const held: HeldVersion[] = [];
  for (const { version, ended, against, plan } of late) {
    const refused = refusedBefore(before.get(changeSubject(plan)), ended);
    const why = refused === undefined ? against : [refused];
    const dedupe = `end-of-life:${image.name}@${version}:${now.toISOString().slice(0, 10)}`;
    if (why.length === 0) proposals.push({ plan, dedupe });
    else {
      const about = { image: image.name, version, ended: ended.toISOString() };
      held.push({ ...about, why, channel: image.approval.channel });
    }
  }
  return { proposals, held };
}

/** People said no: they are not asked again about the same end, and the version is told of instead. */
const saidNo: readonly ChangeEnding[] = ['refused', 'withdrawn', 'cancelled'];

function refusedBefore(run: Run | undefined, ended: Date): string | undefined {
  if (run?.kind !== 'change' || !isVersionPlan(run.plan)) return undefined;
  const { byItself } = run.plan;
  const { ending } = run.data;
  if (!ending || !saidNo.includes(ending.how)) return undefined;
  if (byItself?.why !== 'end of life' || byItself.ended !== ended.toISOString()) return undefined;
  return `${ending.by ?? 'Somebody'} said no to taking it out of latest (${run.id}): “${ending.why}”.`;
}

const planned = ({ image, gallery, now }: About) => ({
  ...{ image: image.name, gallery, team: null },
  approval: byApprovers(image, now, decidersOfOwn),
});

function endingPlan({ version, ended }: { readonly version: string; readonly ended: Date }, about: About): VersionPlan {
  return {
    ...planned(about),
    ...{ verb: 'revoke', versions: [version], target: `${about.image.name} ${version}` },
    reason: `its life ended on ${dayOf(ended)}`,
    byItself: { why: 'end of life', ended: ended.toISOString() },
  };
}

/** Undefined: nothing is beyond what the image keeps, or all of it stays. */
function retirement(
  estate: Estate,
  about: About,
  { period, keeps }: { readonly period: string; readonly keeps: boolean },
): VersionPlan | undefined {
  const { keep, name } = about.image;
  const { goes } = retention(estate, keep);
  if (goes.length === 0) return undefined;
  return {
    ...planned(about),
    ...{ verb: 'retire', versions: goes, target: `${name} ${goes.join(', ')}`, keeps, unused: true },
    reason: retentionReason(name, keep, { goes }),
    byItself: { why: 'retention', period },
  };
}

/** Nothing when somebody has asked for the same meanwhile. */
async function begin(tx: Queryable, { plan, dedupe, channel }: Proposal, now: Date): Promise<readonly AuditRecord[]> {
  const id = await takeRequestId(tx, 'run');
  const subject = changeSubject(plan);
  const started = await insertRun(tx, {
    ...{ id, kind: 'change', subject, plan, now, dedupe },
    stages: changeStages,
    stage: changeStages[0],
  });
  if (!started) {
    await dropRequestId(tx, id);
    return [];
  }
  const told = plan.approval?.channel ?? channel;
  if (told !== undefined) await wantCard(tx, { topic: `run:${id}`, channel: told, kind: 'run' });
  return [{ at: now, who: goldbot, action: 'start', subject, request: id, runId: id, detail: { plan } }];
}

/** Published versions whose life ended since the look before. */
function endedBetween(
  catalogue: Catalogue,
  rows: readonly ListedVersion[],
  { since, now }: { readonly since: Date; readonly now: Date },
): readonly Happening[] {
  return catalogue.images.flatMap((image) => {
    const gallery = imageRef(catalogue.azure, image);
    const own = definitionId(gallery).toLowerCase();
    return rows.flatMap((row): readonly Happening[] => {
      const { version, endOfLife: end } = row;
      if (row.source !== own || isCandidate(row) || !end || end <= since || end > now) return [];
      const about = { image: image.name, version, id: galleryVersionId(gallery, version) };
      const data = { ...about, endOfLife: end.toISOString() };
      return [{ kind: 'end-of-life', subject: `${image.name}/${version}`, data }];
    });
  });
}

/** One card a channel and day; a look that is repeated on the same day brings it up to date. */
async function tell(tx: Queryable, { held }: EndingsFound, now: Date): Promise<void> {
  for (const channel of new Set(held.map((one) => one.channel))) {
    await wantCard(tx, { topic: endingsTopic(channel, now), channel, kind: 'ends' });
  }
}
