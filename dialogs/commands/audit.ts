import { z } from 'zod';
import { type AuditView, auditCard } from '../../cards';
import { exampleCall, type Values } from '../../core/command-call';
import { csvCell } from '../../core/csv';
import { UserError } from '../../core/errors';
import { parseWhen, seconds } from '../../core/time';
import type { AuditEntry, AuditVerdict } from '../../store/reads';
import { choice, defineCommand, flag, imageName, word } from '../conversation';
import { auditRow } from '../present';

/** `audit`: who did what, and whether the record is whole. */
export const audit = defineCommand({
  verb: 'audit',
  summary: 'Shows who did what, and whether the record is intact.',
  group: 'Look',
  role: 'auditor',
  effect: 'read',
  pace: 'export',
  args: z.object({
    who: word('Person', 'name', { example: 'Ada' }).optional(),
    image: imageName.optional(),
    since: word('Since', 'when', { example: '7d' }).optional(),
    until: word('Before', 'when', { example: '2026-11-01' }).optional(),
    export: choice('As a file', ['csv']).optional(),
    verify: flag('Check the record from its first entry on'),
  }),
  examples: [
    'audit',
    'audit --verify',
    'audit --who Ada --since 2026-11-01',
    'audit --since 2026-10-01 --until 2026-11-01',
    'audit --image ubuntu-22 --export csv',
  ],

  async run(ctx, { who, image, since, until, export: format, verify: whole }, deps) {
    const from = since === undefined ? undefined : pastOf('since', since, ctx.now);
    const end = until === undefined ? undefined : pastOf('until', until, ctx.now);
    if (from && end && from >= end) throw nothingBetween(from, end);
    const filter = {
      ...(who !== undefined && { who }),
      ...(image !== undefined && { image }),
      ...(from && { since: from }),
      ...(end && { until: end }),
    };
    // One more than is shown tells that there are more.
    const limit = format === 'csv' ? mostEntries : mostListed;
    const [found, chain] = await Promise.all([
      deps.reads.audit({ ...filter, limit: limit + 1 }),
      deps.reads.verifyAudit({ whole, patienceMs: whole && ctx.via === 'text' ? wholePatienceMs : patienceMs }),
    ]);
    const [entries, more] = [found.slice(0, limit), found.length > limit];
    if (format === 'csv') return { text: csvOf(entries, more) };
    const time = [
      from && `since ${from.toISOString().slice(0, 10)}`,
      end && `before ${end.toISOString().slice(0, 10)}`,
    ];
    const said = [who && `by ${who}`, image && `of ${image}`, ...time];
    const words = said.filter(Boolean).join(', ');
    const asked = {
      ...(who !== undefined && { who }),
      ...(image !== undefined && { image }),
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
    };
    const images = new Set(deps.catalogue().images.map(({ name }) => name));
    return auditCard({
      asked,
      narrower: narrowerOf(entries, asked, images),
      entries: entries.map(auditRow),
      total: entries.length,
      ...(more && { more }),
      ...(words !== '' && { filter: words }),
      chain: chainView(chain, { whole, outside: deps.catalogue().azure.audit !== undefined }),
      asOf: ctx.now,
    });
  },
});

/** A press is to be answered within three seconds. */
const patienceMs = seconds(2);
/** A million entries take 21 s, and a message is answered within 50. */
const wholePatienceMs = seconds(40);

function chainView(chain: AuditVerdict, how: Pick<AuditView['chain'], 'whole' | 'outside'>): AuditView['chain'] {
  const { intact, entries: checked, checkpoint } = chain;
  const account = chain.accounted?.at(-1);
  return {
    ...{ intact, checked, ...how },
    ...(checkpoint && { checkpoint }),
    ...(account && { accounted: { entry: account.altered.firstBroken, by: account.by, at: new Date(account.at) } }),
    ...(chain.intact && chain.left !== undefined && { left: chain.left }),
    ...(!chain.intact && { brokenAt: chain.firstBroken }),
    ...(!chain.intact && chain.upTo !== undefined && { upTo: chain.upTo }),
  };
}

/** `+7d` means seven days ago here: nobody audits the future. */
function pastOf(name: 'since' | 'until', text: string, now: Date): Date {
  const when = parseWhen(text, now);
  if (!when) {
    throw new UserError('BAD_COMMAND', `"${text.slice(0, 40)}" is not a date.`, {
      hint: 'Write a date or how long ago.',
      next: ['2026-11-01', '7d'].map((example) => exampleCall('audit', { [name]: example })),
    });
  }
  return when > now ? new Date(2 * now.getTime() - when.getTime()) : when;
}

function nothingBetween(since: Date, until: Date): UserError {
  const [from, end] = [since, until].map((when) => when.toISOString().slice(0, 10));
  return new UserError('BAD_COMMAND', `Nothing is both since ${from} and before ${end}.`, {
    hint: 'Write the earlier day after --since; the day after --until does not belong to it any more.',
    next: [exampleCall('audit', { since: '2026-10-01', until: '2026-11-01' })],
  });
}

/** Whoever and whatever is named most among those found, unless it was asked for already. */
function narrowerOf(entries: readonly AuditEntry[], asked: Values, images: ReadonlySet<string>) {
  const people = entries.flatMap(({ who }) => (who.oid === null ? [] : [who.name]));
  const subjects = entries.flatMap(({ subject }) => (subject !== null && images.has(subject) ? [subject] : []));
  const who = asked['who'] === undefined ? mostOf(people) : undefined;
  const image = asked['image'] === undefined ? mostOf(subjects) : undefined;
  return [
    ...(who === undefined ? [] : [{ title: `Only ${who}`, values: { who } }]),
    ...(image === undefined ? [] : [{ title: `Only ${image}`, values: { image } }]),
    ...(asked['since'] === undefined && asked['until'] === undefined
      ? [{ title: 'Last 7 days', values: { since: '7d' } }]
      : []),
  ];
}

function mostOf(names: readonly string[]): string | undefined {
  const times = (name: string) => names.filter((other) => other === name).length;
  return [...new Set(names)].sort((one, other) => times(other) - times(one))[0];
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
      .map((value) => csvCell(String(value)))
      .join(',');
    if (length + line.length > maxLength) break;
    lines.push(line);
    length += line.length + 1;
  }
  const left = entries.length - (lines.length - 1);
  if (left === 0 && !more) return lines.join('\n');
  const many = more ? `more than ${left}` : left;
  return [
    ...lines,
    `# ${many} older entries did not fit; narrow it with --since, --until or --image, or have \`npm run audit:export\` write all of them at a desk`,
  ].join('\n');
}
