import { z } from 'zod';
import { noticeCard } from '../../cards';
import { call, type Values } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type DigestPlan, type DigestSetting, digestSpec } from '../../core/runs';
import { isZone, weekdays, weekOf } from '../../core/time';
import { type Answer, type CommandContext, choice, type Deps, defineCommand, flag, word } from '../conversation';
import { chooseTeam, meantTeams, mustAct, seenTeam } from '../inventory';
import { digestList, digestSettings } from '../present';

const actions = ['now', 'on', 'off'] as const;
type Action = (typeof actions)[number];

const args = z.object({
  team: word('Team', 'team', { example: 'payments', pick: 'team' }).optional(),
  action: choice('Do', actions).optional(),
  day: choice('Day', weekdays).optional(),
  at: word('Time, 24 hours', 'hh:mm', { example: '09:00' }).optional(),
  tz: word('Time zone', 'zone', { example: 'Europe/Berlin', pick: 'zones' }).optional(),
  onlyChanges: flag('Skip weeks without a change'),
  mention: choice('Mention when something got worse', ['me', 'off']).optional(),
});
type Args = z.output<typeof args>;

/** `digest [team] [now|on|off]`: when a team's weekly summary comes, where the last one went, what can be changed. */
export const digest = defineCommand({
  verb: 'digest',
  summary: "Shows, sets or sends a team's weekly digest; “on” without --only-changes means every week.",
  group: 'Comply',
  role: 'viewer',
  effect: 'write',
  args,
  examples: [
    'digest',
    'digest payments now',
    'digest payments on --day fri --at 09:00 --tz Europe/Berlin',
    'digest payments on --only-changes',
    'digest payments --mention me',
    'digest payments off',
  ],

  run: answer,
});

async function answer(ctx: CommandContext, typed: Args, deps: Deps): Promise<Answer> {
  const given = sorted(typed);
  const catalogue = deps.catalogue();
  const change = changeOf(given);
  const mention = given.mention && given.mention === 'me';
  const sets = change !== undefined || mention !== undefined;
  const again = (near: string) => call('digest', { ...asTyped(given), team: near });
  const teams = meantTeams(ctx, catalogue, given.team, again);
  if (teams.kind === 'choose') return chooseTeam('digest', teams.among, asTyped(given));
  if (teams.kind === 'all' && !given.action && !sets) return digestList(teams.teams, deps);
  if (teams.kind === 'all' || teams.team === null) throw oneTeam();
  const { team } = teams;
  if (given.action === 'now' || sets) {
    seenTeam(ctx, catalogue, team);
    mustAct(ctx, catalogue, team, {
      act: 'set or send its digest',
      otherwise: { hint: 'Ask one of them; see how it is set.', next: [call('digest', { team })] },
    });
  }
  if (given.action === 'now' && sets) throw twoThings(team);
  if (given.action === 'now') return startNow(ctx, team, deps);
  if (sets) {
    const asked = { team, change: change ?? {}, ...(mention !== undefined && { mention }) };
    await deps.digests.set({ ...asked, person: ctx.person, intent: `digest:${ctx.intent}` });
  }
  return digestSettings(ctx, { team, changed: sets }, deps);
}

/** In `digest now`, `now` is not the name of a team. */
function sorted(given: Args): Args {
  const { team, action } = given;
  return action === undefined && actions.includes(team as Action)
    ? { ...given, team: undefined, action: team as Action }
    : given;
}

/** @throws UserError `BAD_COMMAND` */
function changeOf({ action, day, at, tz, onlyChanges }: Args): DigestSetting | undefined {
  const change: DigestSetting = {
    ...(action === 'off' && { on: false }),
    ...(action === 'on' && { on: true, onlyChanges }),
    ...(onlyChanges && { onlyChanges }),
    ...(day !== undefined && { day }),
    ...(at !== undefined && { time: timeOf(at) }),
    ...(tz !== undefined && { zone: zoneOf(tz) }),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

function timeOf(text: string): string {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (found && Number(found[1]) < 24 && Number(found[2]) < 60) return text.padStart(5, '0');
  throw new UserError('BAD_COMMAND', `"${text.slice(0, 40)}" is not a time of day.`, {
    hint: 'Use the 24-hour clock in the time zone of the digest, for example 09:00.',
  });
}

function zoneOf(text: string): string {
  if (isZone(text)) return text;
  throw new UserError('BAD_COMMAND', `"${text.slice(0, 40)}" is not a time zone.`, {
    hint: 'Use a name such as Europe/Berlin, America/New_York or Asia/Kolkata.',
  });
}

function oneTeam(): UserError {
  return new UserError('BAD_COMMAND', 'A digest belongs to one team; nothing was done.', {
    hint: 'Name the team; see all digests to choose one.',
    next: [call('digest', { team: 'all' })],
  });
}

function twoThings(team: string): UserError {
  return new UserError(
    'BAD_COMMAND',
    'Sending a digest now and changing its settings are two commands; nothing was done.',
    {
      hint: 'Send one after the other.',
      next: [call('digest', { team, action: 'now' })],
    },
  );
}

/** One more digest for this week beside the weekly one; asking while one is being made joins it. */
async function startNow(ctx: CommandContext, team: string, deps: Deps): Promise<Answer> {
  const config = deps.catalogue().teams.get(team);
  if (!config) throw new Error(`team ${team} left the catalogue while it was being read`);
  const { setting } = await deps.reads.digests.state(team);
  const { zone } = digestSpec(team, config.digest, setting?.setting);
  const week = weekOf(ctx.now, zone);
  const plan: DigestPlan = {
    ...{ team, week, zone, late: false, missed: 0, onlyChanges: false },
    dueAt: ctx.now.toISOString(),
    askedBy: ctx.person.name,
  };
  const { run } = await deps.runs.startOrJoin({
    kind: 'digest',
    subject: `${team}:${week}:now`,
    plan,
    person: ctx.person,
    intent: `digest:${ctx.intent}`,
  });
  return noticeCard({
    message: `The digest of ${team} is being counted`,
    details: [
      `It is posted in ${config.channel} as soon as Azure has answered, in addition to the weekly one (${run.id}).`,
    ],
    next: [call('status', { request: run.id }), call('digest', { team })],
  });
}

function asTyped({ action, day, at, tz, onlyChanges, mention }: Args): Values {
  const given = { action, day, at, tz, mention, ...(onlyChanges && { onlyChanges }) };
  return Object.fromEntries(Object.entries(given).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));
}
