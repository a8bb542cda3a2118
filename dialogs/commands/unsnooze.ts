import { z } from 'zod';
import { list, moment, noticeCard } from '../../cards';
import { call } from '../../core/command-call';
import { isRow, type Snooze } from '../../core/compliance';
import { type Answer, defineCommand, word } from '../conversation';
import { actingTeam, chooseTeam, teamName } from '../inventory';
import { mayNotSnooze, oneTeam, snoozing } from './snooze';

/** `unsnooze <row>`: a row of the digest asks again before its day. */
export const unsnooze = defineCommand({
  verb: 'unsnooze',
  summary: "Brings a snoozed row of a team's digest back early.",
  group: 'Comply',
  role: 'owner',
  effect: 'write',
  args: z.object({
    row: word('Row of the digest', 'row', { example: 'ubuntu-22@1.3.0' }),
    team: teamName.optional(),
  }),
  examples: ['unsnooze ubuntu-22@1.3.0', 'unsnooze non-compliant --team payments'],
  mayNot: mayNotSnooze,

  async run(ctx, { row: typedRow, team: typed }, deps) {
    const team = actingTeam(
      ctx,
      { verb: 'unsnooze', typed, given: { row: typedRow }, acting: snoozing, oneTeam },
      deps,
    );
    if (typeof team !== 'string') return chooseTeam('unsnooze', team.among, { row: typedRow });
    const open = (await deps.reads.digests.snoozes(team)).filter(({ until }) => until > ctx.now);
    const row = open.find((one) => isRow(typedRow, one.row))?.row;
    const intent = `unsnooze:${ctx.intent}`;
    const before =
      row === undefined ? undefined : await deps.digests.unsnooze({ team, row, person: ctx.person, intent });
    if (!before) return notSnoozed(typedRow, team, open);
    return noticeCard({
      message: `${before.row} asks again in the digest of ${team}`,
      details: [
        `${before.by.name} had snoozed it until ${moment(before.until)}: “${before.reason}”.`,
        'The newest digest is being brought up to date.',
      ],
      next: [call('snooze', { row: before.row, team }, 'until', 'reason'), call('digest', { team })],
    });
  },
});

function notSnoozed(row: string, team: string, open: readonly Snooze[]): Answer {
  const rows = open.map((one) => one.row);
  return noticeCard({
    message: `“${row.slice(0, 60)}” is not snoozed in the digest of ${team}`,
    details: ['Nothing was done.', rows.length === 0 ? 'No row of it is.' : `Snoozed are ${list(rows, 5)}.`],
    next: [call('digest', { team })],
  });
}
