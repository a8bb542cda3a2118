import { z } from 'zod';
import { noticeCard, restrictCard } from '../../cards';
import { nameOfId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { dryRunDays, goldenGalleries, type RestrictionState, restrictionWords } from '../../core/compliance';
import { UserError } from '../../core/errors';
import type { RestrictPlan } from '../../core/runs';
import {
  byAdmins,
  type DryRun,
  dryRun,
  dryRunSentences,
  endedIn,
  joinFlag,
  type Restricted,
  restricted,
  startChange,
} from '../changes';
import {
  type Answer,
  type CommandContext,
  choice,
  type Deps,
  defineCommand,
  flag,
  textArg,
  word,
} from '../conversation';

/** `restrict <scope> audit|deny|off [--plan]`: holds new machines to golden images by Azure Policy. */
export const restrict = defineCommand({
  verb: 'restrict',
  summary: 'Restricts new machines of a team or subscription to golden images, once another admin approves.',
  group: 'Comply',
  role: 'admin',
  effect: 'write',
  args: z.object({
    scope: word('Team, subscription id or all', 'team|subscription|all', { example: 'payments' }),
    effect: choice('What Azure does', ['audit', 'deny', 'off']),
    pastEnd: flag('Versions past their end of life too, from now on'),
    plan: flag('Only show who would be stopped'),
    reason: textArg('Reason').optional(),
    join: joinFlag,
  }),
  examples: ['restrict payments deny --plan', 'restrict payments deny --past-end', 'restrict payments off'],

  async run(ctx, { scope, effect, pastEnd, plan, reason, join }, deps) {
    const meant = await restricted(scope, deps);
    if (effect === 'off') {
      if (pastEnd) throw nothingPastEnd(scope);
      return plan ? offPlan(meant, deps) : start(ctx, { meant, effect, dryRun: [], pastEnd, reason, join }, deps);
    }
    const dry = await dryRun(meant, ctx.now, deps);
    if (plan) return planCard(ctx, meant, { effect, dry, pastEnd }, deps);
    return start(ctx, { meant, effect, dryRun: dryRunSentences(dry), pastEnd, reason, join }, deps);
  },
});

const nothingPastEnd = (scope: string): UserError =>
  new UserError('BAD_COMMAND', 'Off lifts the restriction whole: --past-end has no meaning with it.', {
    hint: 'Lift it, or restrict without --past-end and keep the rest of it. Nothing was done.',
    next: [call('restrict', { scope, effect: 'off' }), call('restrict', { scope, effect: 'audit', plan: true })],
  });

interface Start {
  readonly meant: Restricted;
  readonly effect: RestrictPlan['effect'];
  readonly dryRun: readonly string[];
  /** Versions past their end of life are held to it as well. */
  readonly pastEnd: boolean;
  readonly reason: string | undefined;
  readonly join: boolean;
}

function start(ctx: CommandContext, asked: Start, deps: Deps): Promise<Answer> {
  const { meant, effect, dryRun: sentences, pastEnd, reason, join } = asked;
  const catalogue = deps.catalogue();
  const { target, team, targets } = meant;
  const galleries = goldenGalleries(catalogue.azure);
  const approval = byAdmins(catalogue);
  const plan: RestrictPlan = {
    verb: 'restrict',
    target,
    team,
    effect,
    galleries,
    targets,
    dryRun: sentences,
    ...(pastEnd && { pastEnd }),
    approval,
  };
  const said = reason === undefined ? {} : { reason };
  const joins = call('restrict', { scope: target, effect, ...(pastEnd && { pastEnd }), ...said, join: true });
  return startChange(ctx, { ...plan, ...said }, deps, { join, call: joins });
}

async function planCard(
  ctx: CommandContext,
  meant: Restricted,
  { effect, dry, pastEnd }: { readonly effect: 'audit' | 'deny'; readonly dry: DryRun; readonly pastEnd: boolean },
  deps: Deps,
): Promise<Answer> {
  const { target, words, targets } = meant;
  const catalogue = deps.catalogue();
  const [now, ended] = await Promise.all([
    nowAt(targets, deps),
    pastEnd ? endedIn(meant, effect, ctx.now, deps) : undefined,
  ]);
  const left = targets.flatMap(({ notScopes, buildGroups }) => [
    ...notScopes.map(nameOfId),
    ...buildGroups.map((g) => `${g}…`),
  ]);
  const owners = (team: string | null) => (team === null ? [] : [catalogue.teams.get(team)?.owners.name ?? team]);
  return restrictCard({
    scope: target,
    scopeName: words,
    effect,
    ...(now && { now }),
    scopes: targets.length,
    allowed: [catalogue.azure.gallery.name],
    excluded: [...new Set(left)],
    dryRun: {
      days: dryRunDays,
      deployments: dry.deployments,
      teams: dry.stopped.map((row) => ({ ...row, owners: owners(row.team) })),
    },
    existing: dry.existing,
    ...(ended && { pastEnd: ended }),
    gaps: dry.gaps,
    asOf: dry.asOf,
    canStart: ctx.rights.has('admin'),
    group: byAdmins(catalogue).rule.groupName,
  });
}

async function offPlan({ target, words, targets }: Restricted, deps: Deps): Promise<Answer> {
  const now = await nowAt(targets, deps);
  const many = targets.length > 1;
  const where = many ? ` in the first of ${targets.length} subscriptions` : '';
  const lifts = restrictionWords({ ...(now && { assigned: now }) });
  return noticeCard({
    message: now
      ? `Restrict ${target}: off would lift "${lifts}"${where}`
      : `${target} is not restricted by goldbot${where}`,
    details: [
      `That is ${words}. Other policies of your organisation stay as they are.`,
      ...(many ? ['The others were not checked; off lifts what goldbot has set in any of them.'] : []),
    ],
    next: [
      ...(now || many ? [call('restrict', { scope: target, effect: 'off' })] : []),
      ...(now ? [] : [call('restrict', { scope: target, effect: 'audit', plan: true })]),
    ],
  });
}

/** One of several scopes is asked about, and the card says so; the run reads all of them before anybody decides. */
async function nowAt(targets: Restricted['targets'], { read }: Deps): Promise<RestrictionState['assigned']> {
  const [first] = targets;
  return first && (await read.restriction(first)).assigned;
}
