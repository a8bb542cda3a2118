import { moment } from '../../cards';
import { definitionId } from '../../core/azure-id';
import { call, exampleCall } from '../../core/command-call';
import { machineTeams, type ScaleSet } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { imageRef } from '../../core/images';
import { type AskedSet, type Deferral, deferralLimit, longestDeferralDays } from '../../core/lifecycle';
import type { DeferPlan } from '../../core/runs';
import { momentOf } from '../../core/time';
import type { Answer, CommandContext, Deps } from '../conversation';
import { actingTeam, chooseTeam } from '../inventory';
import { imageOf } from '../present';
import { startChange } from './start';
import { endWithin } from './until';

interface Asked {
  readonly image: string;
  readonly team?: string | undefined;
  readonly until: string;
  readonly reason: string;
}

/** What owners may do to the rollouts of a team. */
export const deferring = (team: string) => ({
  act: `defer rollouts to ${team}`,
  otherwise: { hint: `Ask one of them; see who owns what.`, next: [call('whoami')] },
});

export const oneTeamDefers = (): UserError =>
  new UserError('BAD_COMMAND', 'Rollouts are deferred for one team at a time; nothing was done.', {
    hint: 'Name the team with --team.',
    next: [call('compliance', { team: 'all' })],
  });

/** Puts off for a team what would bring its scale sets to another version of an image. */
export async function deferRollouts(ctx: CommandContext, asked: Asked, deps: Deps): Promise<Answer> {
  const catalogue = deps.catalogue();
  const { image } = imageOf(catalogue, asked.image);
  const { until, reason } = asked;
  const given = { image: image.name, until, reason };
  const example = exampleCall('defer', {
    ...given,
    until: '+1d',
    ...(asked.team !== undefined && { team: asked.team }),
  });
  const ends = endWithin({ text: until, mostDays: longestDeferralDays, done: 'deferred', example }, ctx.now);
  const acting = { verb: 'defer', typed: asked.team, given, acting: deferring, oneTeam: oneTeamDefers } as const;
  const team = actingTeam(ctx, acting, deps);
  if (typeof team !== 'string') return chooseTeam('defer', team.among, given);
  const before = await deps.reads.deferral(team, image.name);
  if (before) throw deferredAlready(before);
  const teamOf = await machineTeams(deps.read, catalogue);
  const { rows } = await deps.read.scaleSets(definitionId(imageRef(catalogue.azure, image)));
  const own = rows.filter((set) => teamOf(set) === team);
  if (own.length === 0) throw nothingToDefer(team, image.name);
  const { at, why } = deferralLimit(await askedOf(own, deps), ctx.now);
  if (ends > at) throw tooLate({ ...given, team }, `${why} (${momentOf(at)})`);
  return startChange(ctx, planOf(team, { image: image.name, ends, reason, own }), deps);
}

function planOf(
  team: string,
  { image, ends, reason, own }: { image: string; ends: Date; reason: string; own: readonly ScaleSet[] },
): DeferPlan {
  return {
    ...{ verb: 'defer', target: `${image} for ${team}`, team, image, reason, until: ends.toISOString() },
    sets: own.flatMap(({ id, name, asks, selfUpgrading }) => (selfUpgrading && asks ? [{ id, name, asks }] : [])),
  };
}

/** What the run looks at again before it counts. */
async function askedOf(sets: readonly ScaleSet[], { read }: Pick<Deps, 'read'>): Promise<readonly AskedSet[]> {
  const asking = sets.filter(({ selfUpgrading, asks }) => selfUpgrading && asks);
  const all = asking.map(async ({ id, name, asks = 'deferral' }) => ({
    ...{ name, asks, questions: asks === 'hook' ? await read.upgradeQuestions(id) : [] },
  }));
  return Promise.all(all);
}

function deferredAlready({ id, team, image, until, by, reason }: Deferral): UserError {
  const what = `${image} is deferred for ${team} until ${moment(until)} already, by ${by}: “${reason}”.`;
  return new UserError('RUN_BUSY', `${what} Nothing was changed.`, {
    hint: 'Take it back first, then defer it again.',
    next: [call('undefer', { image, team }), call('status', { request: id })],
  });
}

const nothingToDefer = (team: string, image: string): UserError =>
  new UserError('BAD_COMMAND', `${team} has no scale set that is made from ${image}: there is nothing to defer.`, {
    hint: 'Machines that stand alone are replaced by their owners, when they want.',
    next: [call('rollout', { image, team })],
  });

const tooLate = (given: { image: string; team: string; reason: string }, why: string): UserError =>
  new UserError('BAD_COMMAND', `That is later than it can be put off: ${why}. Nothing was deferred.`, {
    hint: 'Name an earlier end.',
    next: [exampleCall('defer', { ...given, until: '+1d' })],
  });
