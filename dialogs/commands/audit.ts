import { z } from 'zod';
import { type AuditRow, auditCard } from '../../cards';
import { exampleCall } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { parseWhen } from '../../core/time';
import type { AuditEntry } from '../../store/reads';
import { choice, defineCommand, imageName, word } from '../conversation';
import { csvOf } from '../present';

/** `audit`: who did what, and whether the record is whole. */
export const audit = defineCommand({
  verb: 'audit',
  summary: 'Shows who did what, and whether the record is whole.',
  group: 'Look',
  role: 'auditor',
  effect: 'read',
  args: z.object({
    who: word('Person', 'name', { example: 'Ada' }).optional(),
    image: imageName.optional(),
    since: word('Since', 'when', { example: '7d' }).optional(),
    export: choice('As a file', ['csv']).optional(),
  }),
  examples: ['audit', 'audit --who Ada --since 2026-11-01', 'audit --image ubuntu-22 --export csv'],

  async run(ctx, { who, image, since, export: format }, deps) {
    const from = since === undefined ? undefined : sinceOf(since, ctx.now);
    const filter = {
      ...(who !== undefined && { who }),
      ...(image !== undefined && { image }),
      ...(from && { since: from }),
    };
    const limit = format === 'csv' ? 1_000 : 200;
    const [entries, chain] = await Promise.all([deps.reads.audit({ ...filter, limit }), deps.reads.verifyAudit()]);
    if (format === 'csv') return { text: csvOf(entries) };
    const said = [who && `by ${who}`, image && `of ${image}`, from && `since ${from.toISOString().slice(0, 10)}`];
    const words = said.filter(Boolean).join(', ');
    return auditCard({
      entries: entries.map(rowOf),
      total: entries.length,
      ...(words !== '' && { filter: words }),
      chain: { intact: chain.intact, checked: chain.entries, ...(!chain.intact && { brokenAt: chain.firstBroken }) },
      asOf: ctx.now,
    });
  },
});

/** `+7d` reads as seven days ago here: nobody audits the future. */
function sinceOf(text: string, now: Date): Date {
  const when = parseWhen(text, now);
  if (!when) {
    throw new UserError('BAD_COMMAND', `"${text.slice(0, 40)}" is no date.`, {
      hint: 'Write a date or how long ago.',
      next: ['2026-11-01', '7d'].map((since) => exampleCall('audit', { since })),
    });
  }
  return when > now ? new Date(2 * now.getTime() - when.getTime()) : when;
}

function rowOf(entry: AuditEntry): AuditRow {
  const { detail } = entry;
  const about = [entry.action === 'refuse' ? 'was refused' : entry.action, entry.request ?? entry.runId, entry.subject]
    .filter(Boolean)
    .join(' ');
  const { from, to } = detail;
  const moved = typeof from === 'string' && typeof to === 'string' ? [`${from} → ${to}`] : [];
  const said = ['verb', 'code', 'reason', 'stage', 'outcome', 'said'].flatMap((key) => {
    const value = detail[key];
    return typeof value === 'string' && value !== '' ? [value] : [];
  });
  const outcome = [...moved, ...said];
  return {
    at: entry.at,
    who: entry.who.name,
    what: about,
    ...(outcome.length > 0 && { outcome: outcome.join(' · ') }),
  };
}
