import { z } from 'zod';
import { forecastCard } from '../../cards';
import { call } from '../../core/command-call';
import { forecast as forecastOf, type Gap } from '../../core/compliance';
import { type CommandContext, count, type Deps, defineCommand, seesRun } from '../conversation';
import { basesOf, figuresFor, meantTeams, teamName } from '../inventory';
import { entryRow } from '../present';

/** `forecast`: what ends or changes soon, in one calendar. */
export const forecast = defineCommand({
  verb: 'forecast',
  summary: 'Shows what ends or changes soon: versions in use, bases, exemptions, approvals.',
  group: 'Comply',
  role: 'viewer',
  effect: 'read',
  args: z.object({
    team: teamName.optional(),
    days: count('How many days ahead', 730, { example: '30' }).default(30),
  }),
  examples: ['forecast', 'forecast --days 90', 'forecast payments'],

  async run(ctx, { team, days }, deps) {
    const catalogue = deps.catalogue();
    const meant = meantTeams(ctx, catalogue, team ?? 'all', (near) => call('forecast', { team: near }));
    const teams = meant.kind === 'one' ? [meant.team] : meant.kind === 'all' ? meant.teams : meant.among;
    const [counted, bases, approvals] = await Promise.all([
      figuresFor(deps, { catalogue, now: ctx.now }),
      basesOf(ctx, deps),
      approvalsSeen(ctx, deps),
    ]);
    const figures = counted.figures.filter(({ team: its }) => teams.includes(its));
    const used = new Set(figures.flatMap(({ versions }) => versions.map(({ image }) => image)));
    const own = bases.rows.filter(({ image }) => meant.kind === 'all' || used.has(image));
    const entries = forecastOf({ figures, bases: own, approvals, now: ctx.now }, days);
    const canPublish = (image: string) => ctx.rights.has('publisher', image);
    return forecastCard({
      days,
      entries: entries.map((entry) => entryRow(entry, { now: ctx.now, canPublish })),
      total: entries.length,
      ...(team !== undefined && { team }),
      gaps: [...counted.gaps.filter(concerns), ...bases.gaps],
      now: ctx.now,
    });
  },
});

/** Partial answers count only for figures with dates in them: something may end sooner than what is shown. */
function concerns({ figure, reason }: Gap): boolean {
  return reason !== 'partial' || ['machines', 'versions', 'exemptions'].includes(figure);
}

async function approvalsSeen(ctx: CommandContext, { reads }: Deps) {
  const pending = await reads.approvalsPending(ctx.now);
  const runs = await Promise.all(pending.map(({ id }) => reads.runOfApproval(id)));
  return pending.flatMap((approval, i) => {
    const run = runs[i];
    if (!run || !seesRun(ctx, run)) return [];
    const what = run.kind === 'change' ? `${run.plan.verb} ${run.plan.target}` : `${run.kind} ${run.subject}`;
    return [{ request: approval.id, what, expiresAt: approval.expiresAt }];
  });
}
