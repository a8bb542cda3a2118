import { z } from 'zod';
import { due, list, noticeCard, unsnoozeButton } from '../../cards';
import type { Catalogue } from '../../core/catalogue';
import { type CommandCall, call, exampleCall, type Values } from '../../core/command-call';
import { deltas, isRow, longestSnoozeDays, type Offender, rowOf } from '../../core/compliance';
import { UserError } from '../../core/errors';
import type { KeptFigures } from '../../store/reads';
import { endWithin } from '../changes';
import { type CommandContext, defineCommand, textArg, word } from '../conversation';
import { actingTeam, chooseTeam, mayNotAct, teamName } from '../inventory';
import { offenderWords } from '../present';

/** `snooze <row> --until --reason`: a row of the digest asks for nothing until a day; it stays on the card, and counts. */
export const snooze = defineCommand({
  verb: 'snooze',
  summary: "Sets a row of a team's digest aside until a day; it still counts, and asks again then.",
  group: 'Comply',
  role: 'owner',
  effect: 'write',
  args: z.object({
    row: word('Row of the digest', 'row', { example: 'ubuntu-22@1.3.0' }),
    team: teamName.optional(),
    until: word('Until, such as +2w or 2026-12-18', 'when', { example: '+2w', pick: 'day' }),
    reason: textArg('Reason'),
  }),
  examples: [
    'snooze ubuntu-22@1.3.0 --until +2w --reason "moves with the release in December"',
    'snooze non-compliant --team payments --until 2026-12-18 --reason "change freeze"',
  ],
  mayNot: mayNotSnooze,

  async run(ctx, { row, team: typed, until, reason }, deps) {
    const example = exampleCall('snooze', { row, until: '+2w', reason });
    const ends = endWithin({ text: until, mostDays: longestSnoozeDays, done: 'snoozed', example }, ctx.now);
    const given = { row, until, reason };
    const team = actingTeam(ctx, { verb: 'snooze', typed, given, acting: snoozing, oneTeam }, deps);
    if (typeof team !== 'string') return chooseTeam('snooze', team.among, given);
    const kept = await deps.reads.digests.newest(team);
    if (!kept) throw noDigest(team);
    const offender = rowIn(kept, { ...given, team });
    const { machines } = offender;
    const intent = `snooze:${ctx.intent}`;
    const about = { team, row: rowOf(offender), machines };
    await deps.digests.snooze({ ...about, until: ends, reason, person: ctx.person, intent });
    const { machine, why } = offenderWords(offender);
    return noticeCard({
      message: `Snoozed until ${due(ends)}: ${machine}`,
      details: [
        `In the digest of ${team}: ${why}.`,
        `Your reason: “${reason}”.`,
        'The row stays in the digest, below those that ask for something, with your name and reason. It counts in every figure as before; nothing of the machines was changed.',
        'Once that time is over, the next digest has it in its old place again.',
      ],
      buttons: [unsnoozeButton(team, about.row)],
      next: [call('digest', { team })],
    });
  },
});

/** A button names its team: whoever may not act for it is told so at once, not after filling in a form. */
export function mayNotSnooze(ctx: CommandContext, { team }: Values, catalogue: Catalogue): UserError | undefined {
  const known = typeof team === 'string' && catalogue.teams.has(team) ? team : undefined;
  return known === undefined ? undefined : mayNotAct(ctx, catalogue, known, snoozing(known));
}

export const snoozing = (team: string) => ({
  act: 'snooze rows of its digest',
  otherwise: { hint: 'Ask one of them; see how the digest is set.', next: [call('digest', { team })] },
});

export function oneTeam(): UserError {
  return new UserError('BAD_COMMAND', 'A row belongs to the digest of one team; nothing was done.', {
    hint: 'Name the team with --team; see all digests to choose one.',
    next: [call('digest', { team: 'all' })],
  });
}

function noDigest(team: string): UserError {
  return new UserError(
    'BAD_COMMAND',
    `${team} has had no digest yet, so there is no row to snooze; nothing was done.`,
    {
      hint: 'Have one sent.',
      next: [call('digest', { team, action: 'now' })],
    },
  );
}

/** Of what the team was told last: a row on an older card may be over. */
function rowIn({ figures, week }: KeptFigures, { row, team, ...given }: Values & Typing): Offender {
  const { offenders } = deltas(undefined, figures);
  const found = offenders.find((offender) => isRow(row, rowOf(offender)));
  if (found) return found;
  const message = `The newest digest of ${team}, of ${week}, has no row “${row.slice(0, 60)}”; nothing was done.`;
  const [first, ...others] = offenders.map(rowOf);
  if (first === undefined) {
    return fail(message, { hint: 'It asks for nothing.', next: [call('compliance', { team })] });
  }
  return fail(message, {
    hint: `Its rows are ${list([first, ...others], 5)}.`,
    next: [call('snooze', { row: first, team, ...given })],
  });
}

interface Typing {
  readonly row: string;
  readonly team: string;
}

function fail(message: string, more: { readonly hint: string; readonly next: readonly CommandCall[] }): never {
  throw new UserError('BAD_COMMAND', message, more);
}
