import { z } from 'zod';
import { type AuditRow, auditCard } from '../../cards';
import { exampleCall } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { parseWhen } from '../../core/time';
import type { AuditEntry } from '../../store/reads';
import { choice, defineCommand, imageName, word } from '../conversation';

/** `audit`: who did what, and whether the record is whole. */
export const audit = defineCommand({
  verb: 'audit',
  summary: 'Shows who did what, and whether the record is intact.',
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
    // One more than is shown tells that there are more.
    const limit = format === 'csv' ? mostEntries : mostListed;
    const [found, chain] = await Promise.all([
      deps.reads.audit({ ...filter, limit: limit + 1 }),
      deps.reads.verifyAudit(),
    ]);
    const [entries, more] = [found.slice(0, limit), found.length > limit];
    if (format === 'csv') return { text: csvOf(entries, more) };
    const said = [who && `by ${who}`, image && `of ${image}`, from && `since ${from.toISOString().slice(0, 10)}`];
    const words = said.filter(Boolean).join(', ');
    return auditCard({
      entries: entries.map(rowOf),
      total: entries.length,
      ...(more && { more }),
      ...(words !== '' && { filter: words }),
      chain: { intact: chain.intact, checked: chain.entries, ...(!chain.intact && { brokenAt: chain.firstBroken }) },
      asOf: ctx.now,
    });
  },
});

/** `+7d` means seven days ago here: nobody audits the future. */
function sinceOf(text: string, now: Date): Date {
  const when = parseWhen(text, now);
  if (!when) {
    throw new UserError('BAD_COMMAND', `"${text.slice(0, 40)}" is not a date.`, {
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
  const said = ['verb', 'code', 'reason', 'stage', 'outcome', 'said', 'why'].flatMap((key) => {
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

const mostListed = 200;
/** More than fit in a message. */
const mostEntries = 1_000;
/** What fits in a Teams message with room to spare. */
const maxLength = 20_000;
const header = 'seq,at,who,oid,action,subject,request,run,detail';

/**
 * Audit entries as CSV, newest first; as many as fit in a message; the last line says how many did not, or at least how
 * many when there are `more` than were read.
 */
export function csvOf(entries: readonly AuditEntry[], more = false): string {
  const lines = [header];
  let length = header.length;
  for (const entry of entries) {
    const line = [
      entry.seq,
      entry.at.toISOString(),
      entry.who.name,
      entry.who.oid ?? '',
      entry.action,
      entry.subject ?? '',
      entry.request ?? '',
      entry.runId ?? '',
      JSON.stringify(entry.detail),
    ]
      .map((value) => cell(String(value)))
      .join(',');
    if (length + line.length > maxLength) break;
    lines.push(line);
    length += line.length + 1;
  }
  const left = entries.length - (lines.length - 1);
  if (left === 0 && !more) return lines.join('\n');
  const many = more ? `more than ${left}` : left;
  return [...lines, `# ${many} older entries did not fit; narrow it with --since or --image`].join('\n');
}

/** Quoted where needed; a value that a spreadsheet would run as a formula gets a leading apostrophe. */
function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
