import { z } from 'zod';
import { forecastCard } from '../../cards';
import type { Catalogue } from '../../core/catalogue';
import { call } from '../../core/command-call';
import {
  type ComplianceFigures,
  type ForecastInput,
  forecast as forecastOf,
  type Gap,
  type GivenUntil,
  retiringGaps,
} from '../../core/compliance';
import { type AgreedEnd, concernsTeam } from '../../core/runs';
import { type CommandContext, count, type Deps, defineCommand, seesRun } from '../conversation';
import { type Bases, basesKnown, basesOf, figuresFor, meantTeams, type TeamsMeant, teamName } from '../inventory';
import { entryRow, givenWords } from '../present';

/** `forecast`: what ends or changes soon, in one calendar. */
export const forecast = defineCommand({
  verb: 'forecast',
  summary: 'Shows what ends or changes soon: versions in use, bases, exemptions, approvals, rights and shares.',
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
    const known = basesKnown(catalogue.images, deps);
    const [counted, bases, approvals, ends] = await Promise.all([
      figuresFor(deps, { catalogue, now: ctx.now, bases: known }),
      basesOf(ctx, known, deps),
      approvalsSeen(ctx, deps),
      deps.reads.agreedEnds(),
    ]);
    const figures = counted.figures.filter(({ team: its }) => teams.includes(its));
    const given = ends.filter((end) => meant.kind === 'all' || concernsOneOf(end, figures, catalogue)).map(givenUntil);
    const entries = forecastOf(
      { figures, ...concerning(bases, figures, meant.kind), approvals, given, now: ctx.now },
      days,
    );
    const retiring = figures.map((its) => its.retiring);
    const looks = [bases.asOf, ...retiring.map((its) => its?.asOf)].flatMap((asOf) => asOf?.getTime() ?? []);
    const canPublish = (image: string) => ctx.rights.has('publisher', image);
    return forecastCard({
      days,
      entries: entries.map((entry) => entryRow(entry, { now: ctx.now, canPublish })),
      total: entries.length,
      ...(team !== undefined && { team }),
      gaps: [...counted.gaps.filter(concerns), ...bases.gaps, ...retiringGaps(retiring)],
      ...(looks.length > 0 && { marketplaceAsOf: new Date(Math.min(...looks)) }),
      now: ctx.now,
    });
  },
});

function concernsOneOf(end: AgreedEnd, figures: readonly ComplianceFigures[], { teams }: Catalogue): boolean {
  return figures.some(({ team, versions }) => {
    const group = teams.get(team ?? '')?.owners.group ?? '';
    return concernsTeam(end, { group, images: versions.map(({ image }) => image) });
  });
}

function givenUntil({ plan, at }: AgreedEnd): GivenUntil {
  return { what: givenWords(plan), image: plan.image, at };
}

/** Whoever asks about some teams is told of the images that these run; of their versions, those that they run. */
function concerning(
  { rows, published }: Bases,
  figures: readonly ComplianceFigures[],
  meant: TeamsMeant['kind'],
): Pick<ForecastInput, 'bases' | 'published'> {
  if (meant === 'all') return { bases: rows, published };
  const used = figures.flatMap(({ versions }) => versions);
  return {
    bases: rows.filter((base) => used.some(({ image }) => image === base.image)),
    published: published.filter((base) => used.some((v) => v.image === base.image && v.version === base.version)),
  };
}

/** Partial answers count only for figures with dates in them: something may end sooner than what is shown. */
function concerns({ figure, reason }: Gap): boolean {
  return reason !== 'partial' || ['machines', 'versions', 'exemptions'].includes(figure);
}

async function approvalsSeen(ctx: CommandContext, { reads }: Deps) {
  const pending = await reads.approvalsPending(ctx.now);
  const runs = await reads.runsOf(pending.map(({ runId }) => runId));
  return pending.flatMap((approval) => {
    const run = runs.get(approval.runId);
    if (!run || !seesRun(ctx, run)) return [];
    const what = run.kind === 'change' ? `${run.plan.verb} ${run.plan.target}` : `${run.kind} ${run.subject}`;
    return [{ request: approval.id, what, expiresAt: approval.expiresAt }];
  });
}
