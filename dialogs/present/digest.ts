import {
  type Button,
  behindWords,
  type ChangeLine,
  count,
  type DigestView,
  type DoNext,
  day,
  deferButton,
  deltaWords,
  digestCard,
  type Expiry,
  fateWords,
  listButton,
  moveWords,
  noticeCard,
  overcome,
  type Reply,
  type RetiredImage,
  retiredImageWords,
  rolloutButton,
  type SnoozedRow,
  snoozeButton,
  sourceName,
  undeferButton,
  unsnoozeButton,
} from '../../cards';
import { nameOfId } from '../../core/azure-id';
import { sumOf } from '../../core/collections';
import { call } from '../../core/command-call';
import {
  type ComplianceFigures,
  type Deltas,
  type DigestRow,
  deltas,
  type Exemption,
  exemptedFrom,
  type Gap,
  type Offender,
  type RetiringMachines,
  retiringGaps,
  retiringMachines,
  rowOf,
  rowsOf,
  type Snooze,
  type VersionFigures,
} from '../../core/compliance';
import { type Sharee, shareeWords } from '../../core/image-access';
import type { RefusedThere } from '../../core/lifecycle';
import {
  concernsTeam,
  type DigestPlan,
  type DigestRun,
  standingOf,
  type TeamStanding,
  weekFigures,
} from '../../core/runs';
import { days } from '../../core/time';
import type { KeptFigures, Reads } from '../../store/reads';
import { givenWords } from './change-words';

/** How many weeks are drawn, this one included. */
const trendWeeks = 8;
/** How many days ahead endings are listed. */
const endingDays = 30;
const dayMs = days(1);

/**
 * The digest, from what was counted for it: Azure is not asked again, so every delivery shows the same figures. Which of
 * its rows are set aside is as of `now`, world time.
 */
export async function presentDigest(
  run: DigestRun,
  {
    digests,
    standingChanges,
    agreedEnds,
    endings,
  }: Pick<Reads, 'digests' | 'standingChanges' | 'agreedEnds' | 'endings'>,
  now: Date,
): Promise<Reply> {
  const { team, week } = run.plan;
  const kept = await digests.figures(run.id);
  if (!kept) return beingCounted(run);
  const [earlier, changes, ends, snoozes, looked, { setting }] = await Promise.all([
    digests.before(team, week, trendWeeks - 1),
    standingChanges(),
    agreedEnds(),
    digests.snoozes(team),
    endings(),
    digests.state(team),
  ]);
  const own = { group: run.data.owners ?? '', images: kept.figures.versions.map(({ image }) => image) };
  const concerning = ends.filter((end) => concernsTeam(end, own));
  const refused = (looked?.refused ?? []).filter((one) => one.target === 'all' || (team !== null && one.team === team));
  const { unending, gaps } = run.data;
  const beside = { ...(unending && { unending }), ...(gaps && { gaps }) };
  const said = { ...standingOf(team, changes, concerning), snoozes, refused, now, ...beside };
  const { setbacks } = deltas(comparable(kept.figures, earlier)?.figures, kept.figures);
  const people = setbacks.length > 0 ? (setting?.setting.mention ?? []) : [];
  const card = digestCard(digestView(run.plan, kept, earlier, said));
  return people.length > 0 ? { ...card, mentions: { to: 'something got worse', people, waits: false } } : card;
}

function beingCounted({ plan, data, endedAt, lastError }: DigestRun): Reply {
  const { team, week } = plan;
  const why = endedAt ? (data.untold ?? 'it was ended') : (lastError ?? 'it is being counted');
  return noticeCard({
    message: endedAt
      ? `There was no digest of ${team} for ${week}.`
      : `The digest of ${team} for ${week} is on its way.`,
    details: [`${why.charAt(0).toUpperCase()}${why.slice(1)}.`],
    next: [call('digest', { team }), call('compliance', { team })],
  });
}

/** What people have said beside the figures. */
interface Said extends TeamStanding {
  readonly snoozes: readonly Snooze[];
  /** As the run found them when it counted. */
  readonly unending?: readonly Sharee[];
  readonly gaps?: readonly Gap[];
  /** Restrictions of the team's machines that follow the ends of life. */
  readonly refused: readonly RefusedThere[];
  /** World time: what is snoozed then. */
  readonly now: Date;
}

/**
 * The newest week before; `earlier` is newest first. Policy figures are compared with the latest week that has any: a week
 * without figures is not a week at zero.
 */
function comparable({ policy }: ComplianceFigures, earlier: readonly KeptFigures[]): KeptFigures | undefined {
  return policy ? (earlier.find((e) => e.figures.policy) ?? earlier[0]) : earlier[0];
}

/** `earlier`: newest first. `said`: what was agreed to about versions and is not over, and what was set aside. */
export function digestView(
  plan: DigestPlan,
  { figures }: KeptFigures,
  earlier: readonly KeptFigures[],
  { snoozes, refused, now, unending = [], gaps = [], ...standing }: Said = {
    ...{ reviews: [], coming: [], ends: [], deferrals: [], snoozes: [], refused: [] },
    now: figures.asOf,
  },
): DigestView {
  const last = comparable(figures, earlier);
  const news = deltas(last?.figures, figures, endingDays);
  const weeks = [{ week: plan.week, figures }, ...earlier].flatMap((e) => weekFigures(e.week, e.figures) ?? []);
  const before = last && weekFigures(last.week, last.figures);
  return {
    figures: { ...figures, gaps: [...figures.gaps, ...retiringGaps([figures.retiring]), ...gaps] },
    week: plan.week,
    now: figures.asOf,
    ...(plan.late && { dueAt: plan.dueAt }),
    ...(plan.askedBy !== undefined && { askedBy: plan.askedBy }),
    ...(before && { last: before }),
    trend: weeks.toReversed(),
    changes: part(changeLines(news)),
    wins: part(news.wins.flatMap(({ figure, after }) => (after === 0 ? (overcome[figure] ?? []) : []))),
    next: nextPart(figures.team, rowsOf(news.offenders, snoozes, { now, since: news.since }), {
      refused,
      deferrals: standing.deferrals,
    }),
    reviews: part(standing.reviews.map(({ id, what, at }) => ({ id, what, since: at }))),
    expiring: part(expiring(figures, news, standing)),
    ...(unending.length > 0 && { unending: unending.map(shareeWords) }),
    lives: livesOf(figures),
    retired: part(retiringMachines([figures]).map(retiredImage)),
    canAct: true,
  };
}

/** Setbacks first: they are what somebody has to do something about. */
function changeLines({ setbacks, wins, others, incomparable, exemptions }: Deltas): readonly ChangeLine[] {
  const line = (direction: ChangeLine['direction']) => (text: string) => ({ direction, text });
  const { granted, ended } = exemptions;
  const lost = incomparable.length > 0 ? ['Figures that one of the two weeks lacks are not compared'] : [];
  return [
    ...setbacks.map(deltaWords).map(line('worse')),
    ...wins.map(deltaWords).map(line('better')),
    ...[
      ...others.map(deltaWords),
      ...granted.map((exemption) => `new ${exempt(exemption)}`),
      ...ended.map((exemption) => `${exempt(exemption)} is over`),
      ...lost,
    ].map(line('other')),
  ];
}

/** What more is known of what rows are about. */
type Around = Pick<Said, 'refused' | 'deferrals'>;

function nextPart(team: string | null, rows: readonly DigestRow[], around: Around): DigestView['next'] {
  const snoozed = rows.filter((row) => row.snoozed).length;
  return { ...part(rows.map((row) => doNext(team, row, around))), snoozed };
}

function doNext(team: string | null, { offender, snoozed, woken }: DigestRow, { refused, deferrals }: Around): DoNext {
  const { button, ...row } = offenderRow(team, offender, refused);
  const word = rowOf(offender);
  const own = team === null ? [] : [snoozed ? unsnoozeButton(team, word) : snoozeButton(team, word)];
  return {
    ...row,
    buttons: [
      ...(team === null || snoozed ? [] : refreshing(team, offender)),
      button,
      ...own,
      ...(team === null ? [] : deferring(team, offender, deferrals)),
    ],
    ...(snoozed && { snoozed: snoozedRow(snoozed, offender.machines) }),
    ...(woken && { wokenAt: woken.until }),
  };
}

/** Plans what brings these machines to the latest version; nothing is begun by it. */
function refreshing(team: string, offender: Offender): readonly Button[] {
  return offender.kind === 'version' ? [rolloutButton(offender.image, team)] : [];
}

/** Scale sets that are behind are brought forward by rollouts: those are put off, or let go on. */
function deferring(team: string, offender: Offender, deferrals: Said['deferrals']): readonly Button[] {
  if (offender.kind !== 'version') return [];
  const { image, instances = 0 } = offender;
  const isDeferred = deferrals.some((one) => one.image === image);
  if (isDeferred) return [undeferButton({ image, team }, 'Undefer')];
  return instances > 0 ? [deferButton({ image, team })] : [];
}

function snoozedRow({ by, until, reason, machines }: Snooze, machinesNow: number): SnoozedRow {
  return { by: by.name, until, reason, ...(machinesNow > machines && { was: machines }) };
}

/** What a row is about, and why it is there, in the same words wherever it is named. */
export function offenderWords(offender: Offender): { readonly machine: string; readonly why: string } {
  const { machine, why } = offenderRow(null, offender);
  return { machine, why };
}

/** The button lists exactly the machines that the row is about. */
function offenderRow(
  team: string | null,
  offender: Offender,
  refused: readonly RefusedThere[] = [],
): Pick<DoNext, 'machine' | 'why'> & { button: Button } {
  const list = (rows: Parameters<typeof listButton>[2]) => listButton('List', team, rows);
  const many = count(offender.machines, 'machine');
  switch (offender.kind) {
    case 'policy':
      return { machine: `${many} non-compliant`, why: 'by policies', button: list({ state: 'not-compliant' }) };
    case 'guest':
      return { machine: `${many} non-compliant`, why: 'in the guest', button: list({ guest: 'not-compliant' }) };
    case 'undecided':
      return {
        machine: `${many} neither pet nor cattle yet`,
        why: 'their owners say which',
        button: list({ class: 'undecided' }),
      };
    case 'not golden':
      return {
        machine: `${many} on no golden image`,
        why: offender.sources.map(sourceName).join(', '),
        button: list({ lineage: 'not-golden' }),
      };
    case 'version': {
      const { image, version } = offender;
      return {
        machine: `${many} on ${image} ${version}`,
        why: whyOf(offender, refused),
        button: list({ image, version }),
      };
    }
  }
}

function whyOf(version: VersionFigures, refused: readonly RefusedThere[]): string {
  const { lineage, versionsBehind, daysBehind, endOfLife } = version;
  if (lineage === 'pastEnd' && endOfLife) {
    return [`past its end of life since ${day(endOfLife)}`, ...refusedWords(version, refused)].join('; ');
  }
  return lineage === 'unknown' ? 'how far behind is not known' : behindWords(versionsBehind, daysBehind);
}

/** What a restriction does to whoever names the version: at most one clause, the strictest. */
function refusedWords(
  { image, version }: Pick<VersionFigures, 'image' | 'version'>,
  all: readonly RefusedThere[],
): readonly string[] {
  const isIt = (one: { readonly image: string; readonly version: string }) =>
    one.image === image && one.version === version;
  const hit = all.filter(({ refused }) => refused.some(isIt));
  const strictest = hit.find(({ effect }) => effect === 'deny') ?? hit[0];
  if (strictest) return [`new ones are ${strictest.effect === 'deny' ? 'refused' : 'reported'} (${strictest.decided})`];
  const why = all.flatMap(({ spared }) => spared).find(isIt)?.why;
  return why === undefined ? [] : [`new ones are still allowed: ${why}`];
}

/** Soonest first; versions whose life is over come before what is ahead. */
function expiring(
  figures: ComplianceFigures,
  { exemptions }: Deltas,
  { coming, deferrals, ends: rights }: TeamStanding,
): readonly Expiry[] {
  const ending = exemptions.ending.flatMap((e) => (e.expiresAt ? [{ what: exempt(e), at: e.expiresAt }] : []));
  const ends = endingVersions(figures).map(({ image, version, machines, at }) => ({
    ...{ what: `${image} ${version}, on ${count(machines, 'machine')}`, at },
  }));
  const agreed = coming.map(({ id, what, at }) => ({ what: `${what} (${id})`, at }));
  const put = deferrals.map(({ image, by, reason, until: at }) => ({
    ...{ what: `deferral of ${image} by ${by}: “${reason}”`, at },
  }));
  const until = figures.asOf.getTime() + endingDays * dayMs;
  const given = rights.flatMap(({ plan, at }) => (at.getTime() <= until ? [{ what: givenWords(plan), at }] : []));
  return [...ending, ...ends, ...agreed, ...put, ...given].sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** Versions that machines of the team run, whose life is over or soon will be. */
function endingVersions({ versions, asOf }: ComplianceFigures) {
  const until = asOf.getTime() + endingDays * dayMs;
  return versions.flatMap(({ image, version, machines, endOfLife: at }) =>
    at && at.getTime() <= until ? [{ image, version, machines, at }] : [],
  );
}

/** Every machine once: the rows of all such versions add up to these. */
function livesOf(figures: ComplianceFigures): NonNullable<DigestView['lives']> {
  const ends = endingVersions(figures);
  const machines = (isOver: boolean) =>
    sumOf(
      ends.filter(({ at }) => at <= figures.asOf === isOver),
      (one) => one.machines,
    );
  return { past: machines(true), soon: machines(false), days: endingDays };
}

function retiredImage(fate: RetiringMachines): RetiredImage {
  const { state, machines, versions } = fate;
  return {
    what: `${count(machines, 'machine')} on ${retiredImageWords(fate)}`,
    fate: fateWords(fate, versions),
    mend: moveWords(fate),
    isOver: state !== 'scheduled',
  };
}

function exempt(exemption: Exemption): string {
  return `exemption of ${nameOfId(exemption.scope)} from ${exemptedFrom(exemption)}`;
}

function part<Item>(items: readonly Item[]): { readonly items: readonly Item[]; readonly total: number } {
  return { items, total: items.length };
}
