import type { InventoryRead } from '../../core/azure';
import type { Catalogue } from '../../core/catalogue';
import { call } from '../../core/command-call';
import {
  type ComplianceFigures,
  countInventory,
  deltas,
  type GapFigure,
  type InventoryQuestion,
  questions,
  rowsOf,
} from '../../core/compliance';
import { againOf, UserError } from '../../core/errors';
import { shareesOf } from '../../core/image-access';
import { followedOf, galleryRef } from '../../core/images';
import { type DigestData, type DigestPlan, type DigestRun, hasNews, shareName, standingOf } from '../../core/runs';
import { days, hours, minutes, momentOf, within } from '../../core/time';
import { toldOf } from '../../core/webhooks';
import {
  agreedEnds,
  allFollows,
  type Database,
  dropUnsent,
  endCounting,
  figuresBefore,
  figuresOfRun,
  freshCount,
  hasNewerDigest,
  instant,
  keepFigures,
  knownBases,
  type LeaseSettings,
  leaseSettings,
  snoozesOf,
  standingChanges,
  takeCounting,
  whileHeld,
  writeCounts,
} from '../../store';
import { again, atOnce, type Stage, type StageContext, type StageLimit, type Step, to, type Workflow } from '../engine';

export interface DigestDeps {
  readonly database: Database;
  readonly catalogue: () => Catalogue;
  /** Of the shared count's lease. */
  readonly counting?: LeaseSettings;
}

type DigestContext = StageContext<DigestPlan, DigestData>;
type DigestStep = Step<DigestPlan, DigestData>;
type DigestStage = Stage<DigestPlan, DigestData>;

/** The stages of a digest run, in their order. */
export const digestStages = ['gather', 'post'] as const;

/** One team's week: gather → post. Nobody is asked anything, and Azure is only read. */
export function digestWorkflow(deps: DigestDeps): Workflow<DigestPlan, DigestData> {
  return { kind: 'digest', first: 'gather', stages: [gather(deps), post(deps)], tells: tells(deps), refuse };
}

/** Of the weekly one: what somebody asked for in between is theirs. */
function tells({ catalogue }: DigestDeps): NonNullable<Workflow<DigestPlan, DigestData>['tells']> {
  return ({ id: runId, plan: { team, week, askedBy } }, { data }, now) => {
    const isNew = askedBy === undefined && data?.channel !== undefined;
    const happened = { kind: 'digest', subject: team, runId, data: { team, week } } as const;
    return toldOf(catalogue(), isNew ? [happened] : [], now);
  };
}

function refuse(_signal: unknown, run: DigestRun): UserError {
  const { team } = run.plan;
  if (run.outcome) {
    return new UserError('RUN_ENDED', `${run.id}, a digest of ${team}, is over.`, {
      hint: 'See what became of it.',
      next: [call('digest', { team })],
    });
  }
  return new UserError('RUN_BUSY', `${run.id} is a digest of ${team}; it goes out by itself.`, {
    hint: 'See when digests come, and change it.',
    next: [call('digest', { team })],
  });
}

/** The end of a digest that is not sent. */
const untold = (why: string): DigestStep & { kind: 'end' } => ({
  kind: 'end',
  outcome: 'done',
  data: { untold: why },
  audit: { said: why },
});

/** A count is reused up to this age. World time. */
const freshMs = minutes(10);
/** After trouble with Azure a run may use what others have counted since it began, up to this age. */
const usefulMs = minutes(60);
/** By then the next one is due, even in weeks in which the clocks change. World time. */
const weekMs = days(7) + hours(2);
/** After this long, a digest without some figures is better than none. World time. */
const patienceMs = minutes(30);
/** Wait between looks while another run counts. Machine time. */
const waitMs = 500;

const gatherLimit = (deps: DigestDeps): StageLimit<DigestPlan, DigestData> => ({
  waitsFor: 'Azure to count the machines',
  ms: hours(6),
  plus: { what: 'a week for the weekly one', ms: ({ plan }) => (plan.askedBy === undefined ? weekMs : 0) },
  afterwards: 'The digest is not sent; one that somebody asked for says so in its channel.',
  past: async ({ run }, { since, error }) => {
    const step = untold(
      `Azure did not answer since ${momentOf(since)}${error === undefined ? '' : ` (${error.replace(/[.]$/, '')})`}`,
    );
    const channel = deps.catalogue().teams.get(run.plan.team)?.channel;
    if (run.plan.askedBy === undefined || channel === undefined) return step;
    return { ...step, cards: [{ topic: `digest:${run.id}`, channel, kind: 'digest' }] };
  },
});

/** Counts, or takes what was just counted for all teams, and keeps it: the card shows this and nothing else. */
function gather(deps: DigestDeps): DigestStage {
  return { name: 'gather', limit: gatherLimit(deps), takes: [], run: (context) => gathered(context, deps) };
}

async function gathered(context: DigestContext, deps: DigestDeps): Promise<DigestStep> {
  const { run, now, read } = context;
  const { team, week, askedBy } = run.plan;
  const config = deps.catalogue().teams.get(team);
  const kept = await figuresOfRun(deps.database, run.id);
  if (kept) return to('post', config && (await besideFigures(context, kept.figures, deps)));
  if (!config) return untold(`the team ${team} is no longer in the catalogue`);
  if (await isOvertaken(context, deps)) return untold('Azure was silent until the next digest was due');
  const extra = askedBy !== undefined;
  const figures = await sharedFigures(deps, read, {
    ...{ team, now, since: sinceOf(context, extra) },
    patient: now.getTime() - run.createdAt.getTime() < patienceMs,
  });
  if (!figures) return again(0, undefined, waitMs);
  await keepFigures(deps.database, { runId: run.id, team, week, extra, figures });
  return to('post', await besideFigures(context, figures, deps));
}

/** What the card tells besides: who speaks for the team, and what nobody has promised to take back. */
async function besideFigures(
  { run, read }: DigestContext,
  { versions }: ComplianceFigures,
  { database, catalogue }: DigestDeps,
): Promise<DigestData> {
  const { teams, azure } = catalogue();
  const owners = teams.get(run.plan.team)?.owners.group;
  const own = owners === undefined ? {} : { owners };
  if (versions.length === 0) return own;
  const gallery = galleryRef(azure);
  const { ask, gaps } = questions();
  const sharing = await ask('shares', read.gallerySharing(gallery));
  const ends = new Set((await agreedEnds(database)).map(({ name }) => name));
  const unending = sharing ? shareesOf(sharing).filter((one) => !ends.has(shareName(gallery, one))) : [];
  return { ...own, unending, ...(gaps.length > 0 && { gaps }) };
}

/** Whoever asks for one wants to see what they have just done; the weekly one may be a few minutes old. */
function sinceOf({ run, now }: DigestContext, extra: boolean): Date {
  const created = run.createdAt.getTime();
  if (extra) return run.createdAt;
  return new Date(Math.min(now.getTime() - freshMs, Math.max(created, now.getTime() - usefulMs)));
}

/** After a week of trouble the team gets the newer digest, not both. */
async function isOvertaken({ run, now }: DigestContext, { database }: DigestDeps): Promise<boolean> {
  const { team, week, dueAt, askedBy } = run.plan;
  if (askedBy !== undefined) return false;
  return now.getTime() - Date.parse(dueAt) > weekMs || hasNewerDigest(database, team, week);
}

/** A count that takes longer is given up, so that its lease ends and another replica may count. Machine time. */
const longestCountMs = minutes(5);

function tooLong(): never {
  throw new UserError('AZ_SILENT', 'Azure did not answer all questions about the machines within five minutes.', {
    hint: 'goldbot asks again by itself.',
  });
}

interface Wanted {
  readonly team: string;
  /** World time: an older count is not used. */
  readonly since: Date;
  /** World time. */
  readonly now: Date;
  /** Whether to wait until Azure answers everything; otherwise what it does not answer becomes a gap. */
  readonly patient: boolean;
}

/** Without these the figures of some team would be wrong. */
const needed: readonly GapFigure[] = ['management groups', 'versions'];

/**
 * A team's figures from a count that all digests share: the first run asks Azure for all teams at once, and the others,
 * on any replica, find the result. Undefined: another run is counting; look again soon.
 */
async function sharedFigures(
  deps: DigestDeps,
  read: InventoryRead,
  wanted: Wanted,
): Promise<ComplianceFigures | undefined> {
  const { database } = deps;
  const { team, since } = wanted;
  const known = await freshCount(database, team, since);
  if (known) return known;
  const settings = deps.counting ?? leaseSettings;
  const at = instant();
  const lease = await takeCounting(database, { owner: `digest of ${team}`, leaseMs: settings.leaseMs });
  if (!lease) return undefined;
  // When Azure does not answer, the lease is kept until it ends, so that the others need not find out one by one.
  return whileHeld({ database, settings }, { lease, at }, async (held) => {
    // Another run may have finished between the look and the lease.
    const found = await freshCount(database, team, since);
    const counted = found
      ? []
      : await within(
          longestCountMs,
          allFollows(database).then((follows) =>
            countEverybody(read, deps.catalogue(), {
              ...{ ...wanted, bases: knownBases(database), follows: followedOf(follows) },
            }),
          ),
          tooLong,
        );
    // Whoever has taken the count over makes it for everybody, for this run too.
    if (!(await held.confirm())) return undefined;
    if (!found) await writeCounts(database, counted);
    await endCounting(database, lease);
    return found ?? counted.find((figures) => figures.team === team);
  });
}

/**
 * Counts for all teams. Without management groups or versions no team's figures can be trusted, so they are never
 * missing; nor, as long as the run is patient, is anything that asking again may bring.
 *
 * @throws UserError `AZ_…` when the machines cannot be counted, or when asking again may help.
 */
export async function countEverybody(
  read: InventoryRead,
  catalogue: Catalogue,
  { now, patient, bases, follows }: Pick<Wanted, 'now' | 'patient'> & Pick<InventoryQuestion, 'bases' | 'follows'>,
): Promise<readonly ComplianceFigures[]> {
  const { figures } = await countInventory(
    read,
    { catalogue, now, ...(bases && { bases }), ...(follows && { follows }) },
    {
      mayLack: (figure, error) => !needed.includes(figure) && !(patient && againOf(error) === 'later'),
    },
  );
  return figures;
}

/**
 * Asks for one card in the team's channel, showing what was kept; the commit of this step makes sure it is only one.
 */
function post(deps: DigestDeps): DigestStage {
  return { name: 'post', limit: atOnce, takes: [], run: (context) => posted(context, deps) };
}

async function posted({ run, now }: DigestContext, deps: DigestDeps): Promise<DigestStep> {
  const { database } = deps;
  const { team, week, onlyChanges, askedBy } = run.plan;
  const channel = deps.catalogue().teams.get(team)?.channel;
  if (channel === undefined) return untold(`the team ${team} is no longer in the catalogue`);
  if (onlyChanges && askedBy === undefined && !(await isWorthIt(run, now, deps))) {
    return untold('nothing changed');
  }
  const dropped = askedBy === undefined ? await dropUnsent(database, team, week) : 0;
  const card = { topic: `digest:${run.id}`, channel, kind: 'digest' };
  return { kind: 'end', outcome: 'done', data: { channel }, cards: [card], audit: { said: noteOf(channel, dropped) } };
}

function noteOf(channel: string, dropped: number): string {
  return dropped === 0 ? `to ${channel}` : `to ${channel}, instead of ${dropped} that could not be delivered`;
}

/** Glass that nobody has reviewed is told of every week, whatever has changed. */
async function isWorthIt(run: DigestContext['run'], now: Date, deps: DigestDeps): Promise<boolean> {
  const { reviews } = standingOf(run.plan.team, await standingChanges(deps.database));
  return reviews.length > 0 || hasChanged(run, now, deps);
}

/** Without an earlier week, everything is new. A row that comes back from its snooze was promised to. */
async function hasChanged(
  { id, plan: { team, week } }: DigestContext['run'],
  now: Date,
  { database }: DigestDeps,
): Promise<boolean> {
  const kept = await figuresOfRun(database, id);
  if (!kept) throw new Error(`the figures of ${id} were not kept`);
  const [last] = await figuresBefore(database, { team, week, limit: 1 });
  const news = deltas(last?.figures, kept.figures);
  if (hasNews(news)) return true;
  const rows = rowsOf(news.offenders, await snoozesOf(database, team), { now, since: news.since });
  return rows.some(({ woken }) => woken !== undefined);
}
