import { z } from 'zod';
import { formCard, rolloutCard } from '../../cards';
import type { ImageRef } from '../../core/azure';
import { definitionId } from '../../core/azure-id';
import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { call, exampleCall, type Values } from '../../core/command-call';
import { UserError } from '../../core/errors';
import {
  hasWork,
  isRollable,
  isWork,
  type RolloutPlanned,
  type RolloutWindow,
  readRollout,
  readSingles,
  type TeamRollout,
  whyNotRollOut,
  withReimaging,
} from '../../core/lifecycle';
import { type ChangeApproval, decidersInTurn, deferralsOf, type RolloutPlan } from '../../core/runs';
import { recurs, type Span, skippedEdge, spanAfter, spanAt, type Window, windowProblem } from '../../core/windows';
import {
  type Answer,
  type CommandContext,
  type Deps,
  flag,
  imageName,
  textArg,
  versionWord,
  word,
} from '../conversation';
import { chooseTeam, meantTeams, mustAct, type TeamsMeant, teamName } from '../inventory';
import { imageOf, needVersion, versionsOf } from '../present';
import { joinFlag } from './joining';
import { refuse } from './refuse';
import { byAdmins, byOwners, startChange } from './start';

/** What `rollout` takes. */
export const rolloutArgs = {
  image: imageName,
  version: versionWord.optional(),
  team: teamName.optional(),
  window: word('When goldbot may begin something, by the clock of the team', 'from to until', {
    example: '"sat 22:00 to sun 04:00"',
    form: false,
  }).optional(),
  reason: textArg('Reason').optional(),
  choose: flag('Choose the window in a form', { form: false, machinery: true }),
  plan: flag('Only show what would happen', { form: false }),
  agreed: word('The word of the plan that you agree to', 'word', {
    ...{ form: false, machinery: true },
    example: '3f9c1ab2',
  }).optional(),
  join: joinFlag,
};

const allArgs = z.object(rolloutArgs);
type Asked = z.output<typeof allArgs>;

/** What is asked for, read as far as the gallery and the inventory go. */
interface Read {
  readonly asked: Asked;
  readonly image: ImageConfig;
  readonly gallery: ImageRef;
  readonly version: string;
  readonly planned: RolloutPlanned;
  readonly meant: Exclude<TeamsMeant, { readonly kind: 'choose' }>;
  readonly window: Opening | undefined;
}

/** The next time at which a window is open; `every`: as it was written, where it comes again. */
interface Opening extends Span {
  readonly every?: Window;
}

/** Shows whose machines would come to a version, and how; starts it for one team once somebody agrees to that as it is. */
export async function changeByRollout(ctx: CommandContext, asked: Asked, deps: Deps): Promise<Answer> {
  const catalogue = deps.catalogue();
  const { image, ref: gallery } = imageOf(catalogue, asked.image);
  const typed = typedValues(asked, image.name);
  const meant = meantTeams(ctx, catalogue, asked.team, (team) => call('rollout', { ...typed, team }));
  if (meant.kind === 'choose') return chooseTeam('rollout', meant.among, typed);
  if (asked.choose && asked.window === undefined) {
    return windowForm({ ...typed, ...(asked.team !== undefined && { team: asked.team }) }, { meant, catalogue });
  }
  const window = windowOf(asked, { meant, catalogue }, ctx.now);
  const all = await versionsOf(image, deps);
  const found = needVersion(all, asked.version ?? 'latest', image);
  refuse(image, whyNotRollOut(found, ctx.now));
  const { version } = found;
  const deferrals = deferralsOf(await deps.reads.standingChanges());
  const planned = await readRollout(deps.read, catalogue, { image, version, all, deferrals });
  return planOrStart(ctx, { asked, image, gallery, version, planned, meant, window }, deps);
}

const typedValues = ({ version, window, reason }: Asked, image: string): Values => ({
  image,
  ...(version !== undefined && { version }),
  ...(window !== undefined && { window }),
  ...(reason !== undefined && { reason }),
});

async function planOrStart(ctx: CommandContext, read: Read, deps: Deps): Promise<Answer> {
  const { asked, meant, planned, image, version } = read;
  const catalogue = deps.catalogue();
  if (meant.kind === 'all')
    return planCard(read, { refused: asked.agreed && 'It is agreed to for one team at a time.' });
  const { team } = meant;
  const found = planned.teams.find((one) => one.team === team);
  if (!found || !isRollable(found)) return planCard(read, {});
  const own = await withReimaging(deps.read, version, found);
  const approval = approvalOf(ctx, own, catalogue);
  const values = { ...typedValues(asked, image.name), version, team: team ?? 'orphans', agreed: own.digest };
  const changed = asked.agreed !== undefined && asked.agreed.toLowerCase() !== own.digest;
  if (asked.plan || asked.agreed === undefined || changed) {
    const refused = changed ? 'Things have changed since that plan: look at it again.' : undefined;
    const shown = { ...read, planned: { ...planned, teams: [own] } };
    return planCard(shown, { refused, approval, agree: values });
  }
  mustAct(ctx, catalogue, team, { act: `roll ${image.name} ${version} out` });
  const joins = call('rollout', { ...values, join: true });
  const source = definitionId(read.gallery).toLowerCase();
  const { singles, total } = await readSingles(deps.read, { source, version, team, teamOf: planned.teamOf });
  const more = total - singles.length;
  const alone = { singles, ...(more > 0 && { moreSingles: more }) };
  return startChange(ctx, planOf(read, own, { approval, ...alone }), deps, { join: asked.join, call: joins });
}

/**
 * The owners decide in their own channel; where one of them asks, admins do. Nobody is asked where goldbot moves nothing
 * and an owner has it look on.
 */
function approvalOf({ rights }: CommandContext, own: TeamRollout, catalogue: Catalogue): ChangeApproval | undefined {
  const { team } = own;
  const owns = team !== null && rights.teams.has(team);
  if (owns && !hasWork(own)) return undefined;
  return (owns ? undefined : byOwners(catalogue, team)) ?? byAdmins(catalogue);
}

function planOf(
  { asked: { reason }, image, gallery, version, window }: Read,
  { team, sets }: TeamRollout,
  {
    approval,
    ...found
  }: { readonly approval: ChangeApproval | undefined } & Pick<RolloutPlan, 'singles' | 'moreSingles'>,
): RolloutPlan {
  return {
    ...{ verb: 'rollout', target: `${image.name} ${version}`, team, image: image.name, gallery, version, ...found },
    ...(approval && { approval }),
    sets: sets.filter(isWork).map(({ id, name, location, way, asks, reimages }) => ({
      ...{ id, name, location, way },
      ...(asks && { asks }),
      ...(reimages && { reimages }),
    })),
    ...(window && { window: plannedWindow(window) }),
    ...(reason !== undefined && { reason }),
  };
}

const plannedWindow = ({ from, until, every }: Opening): RolloutWindow => ({
  ...{ from: from.toISOString(), until: until.toISOString() },
  ...(every && { every }),
});

interface Shown {
  readonly refused?: string | undefined;
  readonly approval?: ChangeApproval | undefined;
  /** The same command with the word of this plan. */
  readonly agree?: Values;
}

function planCard(
  { meant, planned, image, version, window, asked }: Read,
  { refused, approval, agree }: Shown,
): Answer {
  const shown = meant.kind === 'one' ? [meant.team] : meant.teams;
  const again = typedValues(asked, image.name);
  return rolloutCard({
    ...{ image: image.name, version, gaps: planned.gaps, asOf: planned.asOf },
    teams: planned.teams.filter(({ team }) => shown.includes(team)),
    ...(meant.kind === 'one' && { team: meant.team }),
    ...(window && { window }),
    ...(refused !== undefined && { refused }),
    ...(approval && { decides: { group: decidersInTurn(approval.rule), channel: approval.channel } }),
    ...(agree && { agree: call('rollout', agree) }),
    only: (team) => call('rollout', { ...again, version, team: team ?? 'orphans' }),
  });
}

interface Whose {
  readonly meant: Read['meant'];
  readonly catalogue: Catalogue;
}

/** The clock of the team's digest; UTC where it has none. */
function zoneOf({ meant, catalogue }: Whose): string {
  const digest = meant.kind === 'one' && meant.team !== null ? catalogue.teams.get(meant.team)?.digest : undefined;
  return digest ? digest.zone : 'UTC';
}

/**
 * The next time that it is open, or the one that is open now, by the clock of the team's digest; UTC where it has none.
 *
 * @throws UserError `BAD_COMMAND` when it is none, or past.
 */
function windowOf({ window: text, image }: Asked, whose: Whose, now: Date): Opening | undefined {
  if (text === undefined) return undefined;
  const [from = '', to = '', ...more] = text.split(/\s+to\s+/i);
  const window: Window = { from, to, zone: zoneOf(whose) };
  const problem = more.length > 0 ? 'has "to" twice' : windowProblem(window)?.why;
  if (problem !== undefined) throw noWindow(`The window ${problem}.`, image);
  const span = spanAt(window, now) ?? spanAfter(window, now);
  if (!span) throw noWindow(`The window from ${from} to ${to} (${window.zone}) is past.`, image);
  const skipped = skippedEdge(window, span);
  if (skipped) {
    throw noWindow(`${window[skipped]} does not exist: the clocks of ${window.zone} skip it that night.`, image);
  }
  return { ...span, ...(recurs(window) && { every: window }) };
}

/** Beside the button of what Azure asks: a window has to be written. */
const windowForm = (typed: Values, whose: Whose): Answer =>
  formCard({
    call: call('rollout', typed, 'window'),
    title: `In which window may ${String(typed['image'])} be rolled out?`,
    message: `By the clock of ${zoneOf(whose)}. The plan that follows says what would move, and who decides.`,
    fields: [
      {
        ...{ name: 'window', label: 'From and to', kind: 'text', required: true },
        placeholder: 'sat 22:00 to sun 04:00',
      },
    ],
    submit: 'Show the plan',
  });

const noWindow = (message: string, image: string): UserError =>
  new UserError('BAD_COMMAND', `${message} Nothing was asked for.`, {
    hint: 'Write it as days and times, by the clock of the team.',
    next: [exampleCall('rollout', { image, team: 'payments', window: 'sat 22:00 to sun 04:00' })],
  });
