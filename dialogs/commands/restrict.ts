import { z } from 'zod';
import { noticeCard, restrictCard } from '../../cards';
import { nameOfId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { dryRunDays, galleryId, type RestrictionState, restrictionWords } from '../../core/compliance';
import type { RestrictPlan } from '../../core/runs';
import {
  byAdmins,
  type DryRun,
  dryRun,
  dryRunSentences,
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
    plan: flag('Only show who would be stopped'),
    reason: textArg('Reason').optional(),
    join: joinFlag,
  }),
  examples: ['restrict payments deny --plan', 'restrict payments audit', 'restrict payments off'],

  async run(ctx, { scope, effect, plan, reason, join }, deps) {
    const meant = await restricted(scope, deps);
    if (effect === 'off') {
      return plan ? offPlan(meant, deps) : start(ctx, { meant, effect, dryRun: [], reason, join }, deps);
    }
    const dry = await dryRun(meant, ctx.now, deps);
    if (plan) return planCard(ctx, meant, { effect, dry }, deps);
    return start(ctx, { meant, effect, dryRun: dryRunSentences(dry), reason, join }, deps);
  },
});

interface Start {
  readonly meant: Restricted;
  readonly effect: RestrictPlan['effect'];
  readonly dryRun: readonly string[];
  readonly reason: string | undefined;
  readonly join: boolean;
}

function start(ctx: CommandContext, asked: Start, deps: Deps): Promise<Answer> {
  const { meant, effect, dryRun: sentences, reason, join } = asked;
  const catalogue = deps.catalogue();
  const { target, team, targets } = meant;
  const galleries = [galleryId(catalogue.azure)];
  const approval = byAdmins(catalogue);
  const plan: RestrictPlan = {
    verb: 'restrict',
    target,
    team,
    effect,
    galleries,
    targets,
    dryRun: sentences,
    approval,
  };
  const said = reason === undefined ? {} : { reason };
  const joins = call('restrict', { scope: target, effect, ...said, join: true });
  return startChange(ctx, { ...plan, ...said }, deps, { join, call: joins });
}

async function planCard(
  ctx: CommandContext,
  { target, words, targets }: Restricted,
  { effect, dry }: { readonly effect: 'audit' | 'deny'; readonly dry: DryRun },
  deps: Deps,
): Promise<Answer> {
  const catalogue = deps.catalogue();
  const now = await nowAt(targets, deps);
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
      ...(many ? ['The others were not looked at; off lifts what goldbot has set in any of them.'] : []),
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
