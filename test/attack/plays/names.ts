import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { approvalCard, errorCard, noticeCard, type Reply } from '../../../cards';
import { powerShellQuoted, shellQuoted } from '../../../core/images/guest-tattoo';
import type { RequestId } from '../../../core/runs';
import { createAzure, sandboxCredential } from '../../../services';
import { createReads } from '../../../store/reads';
import { cases as approvals } from '../../fixtures/cards/approval';
import { cases as errors } from '../../fixtures/cards/error';
import { testDatabase } from '../../store/database';
import { recordStatements } from '../../store/plans';
import { type Play, pick, text } from '../front';

type Random = () => number;

/** What somebody might call a thing who knows a language that the name will stand in. */
const pieces = [
  ...[
    "'",
    '"',
    '`',
    '\\',
    "''",
    "\\'",
    '\\"',
    ';',
    '--',
    '/*',
    '*/',
    '//',
    '#',
    '|',
    '&&',
    '||',
    '$(id)',
    '`id`',
    '\n',
    '\r\n',
    '\t',
  ],
  ...[
    "' or '1'='1",
    "'; drop table run; --",
    "' eq '' or displayName ne '",
    "') or startswith(displayName,'",
    '&$filter=',
    '?',
    '%27',
    '%00',
  ],
  ...[
    '$1',
    '${image}',
    '{{DATE(2026-12-01T00:00:00Z)}}',
    '{{',
    '}}',
    '${$root}',
    '$data',
    '$when',
    '<at>Grace</at>',
    '</at>',
    '< at >x',
  ],
  ...[
    '[x](javascript:alert(1))',
    '![x](https://evil.example/x)',
    '**b**',
    '_i_',
    '~~s~~',
    '# h',
    '- item',
    '1. one',
    '> q',
    '<b>',
    '&lt;at&gt;',
  ],
  ...[
    '\u202e',
    '\u200b',
    '\u2060',
    '\ufeff',
    '\u0085',
    '\u2028',
    '\u2019',
    '\u2018',
    '\u201c',
    '\uff07',
    'İ',
    '🧨',
    '\u0007',
  ],
  ...['$env:PATH', '@("x")', '$(Get-Item x)', '`$', "''$x''", 'EOF', 'a', 'B', '7', ' ', '-', '_', '.'],
];

/** Carries a mark by which it is found where it must not stand. */
function hostile(random: Random): string {
  const many = 1 + Math.floor(random() * 6);
  const parts = Array.from({ length: many }, () =>
    random() < 0.8 ? pick(random, pieces) : text(random, 'aÄ日𝔘ß"\'\\', 3),
  );
  parts.splice(Math.floor(random() * (many + 1)), 0, mark);
  return parts.join('');
}

const mark = 'zq9x';

const names = (random: Random, size: number): readonly string[] => Array.from({ length: size }, () => hostile(random));

/** Filters of Microsoft Graph and of ARM, as they leave goldbot. */
export const odata: Play = async ({ size, random }) => {
  const urls: string[] = [];
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      urls.push(request.url);
      return { request, status: 200, headers: createHttpHeaders(), bodyAsText: '{"value":[]}' };
    },
  };
  const azure = createAzure({ credential: sandboxCredential, httpClient, subscription: 's' });
  const place = { subscription: '11111111-0000-4000-8000-000000000000' } as never;
  const letIn: string[] = [];
  for (const name of names(random, size)) {
    urls.length = 0;
    await azure.directory.groups(name);
    await azure.read.roleByName(place, name);
    letIn.push(...['displayName', 'roleName'].flatMap((field, i) => otherThan(field, name, urls[i] ?? '')));
  }
  return { tries: size, letIn };
};

/** One filter, one comparison, one literal, which is the name; and nothing else in the query than goldbot puts there. */
function otherThan(field: string, name: string, url: string): readonly string[] {
  const { searchParams, pathname, hash } = new URL(url);
  const filters = searchParams.getAll('$filter');
  const literal = new RegExp(`^${field} eq '((?:[^']|'')*)'$`, 's').exec(filters[0] ?? '')?.[1];
  const known = [...searchParams.keys()].every((key) => ['$filter', '$select', 'api-version'].includes(key));
  const is = filters.length === 1 && known && hash === '' && !decodeURIComponent(pathname).includes(mark);
  return is && literal?.replaceAll("''", "'") === name ? [] : [`${JSON.stringify(name)} became ${url}`];
}

/** Every question of goldbot's books that a name goes into: the statements that reach the server are the same as ever. */
export const sql: Play = async ({ size, random }) => {
  const db = await testDatabase();
  const reads = createReads(db.database);
  const ask = (name: string) =>
    Promise.all([
      reads.run(name as RequestId),
      reads.runOfApproval(name as RequestId),
      reads.approval(name as RequestId),
      reads.openRun(name),
      reads.runs({ image: name, failed: true, limit: 5 }),
      reads.audit({ who: name, image: name, limit: 3 }),
      reads.lockOf(name),
      reads.deferral(name, name),
      reads.contents(name, [name]),
      reads.certificate(name),
      reads.holders(name),
      reads.packagesLike(name),
      reads.namesOf([name]),
      reads.channels([name]),
      reads.leftovers({ runId: name as RequestId }),
      reads.digests.state(name),
      reads.digests.before(name, name, 3),
      reads.schedules.state(name),
      reads.schedules.published(name, name),
      reads.topicsIn(name, name),
    ]);
  await ask(mark);
  const statements = recordStatements();
  const told = async (name: string) => JSON.stringify(await ask(name), mapped).replaceAll(JSON.stringify(name), '"?"');
  const nothing = await told(mark);
  const usual = new Set(statements.seen.keys());
  const letIn: string[] = [];
  for (const name of names(random, size)) {
    const found = await told(name).catch(String);
    if (found !== nothing) letIn.push(`${JSON.stringify(name)} is answered with ${found.slice(0, 300)}`);
  }
  const strange = [...statements.seen.keys()].filter((text) => text.includes(mark) || !usual.has(text));
  letIn.push(...strange.map((text) => `another statement: ${text.slice(0, 200)}`));
  statements.stop();
  await db.close();
  return { tries: size, letIn, seen: `${usual.size} statements` };
};

const mapped = (_: string, value: unknown): unknown => (value instanceof Map ? [...value] : value);

const own = new Set([
  'id',
  'runId',
  'hash',
  'until',
  'endOfLife',
  'publishedAt',
  'at',
  'verdict',
  'as',
  'did',
  'code',
  'kind',
  'from',
  'to',
]);

/** The same view with a name wherever a text of somebody stands. */
function named<View>(view: View, name: string, key = ''): View {
  if (typeof view === 'string') return (own.has(key) ? view : name) as View;
  if (Array.isArray(view)) return view.map((one) => named(one, name, key)) as View;
  if (typeof view !== 'object' || view === null) return view;
  const entries = Object.entries(view).map(([field, value]) => [
    field,
    field === 'next' ? value : named(value, name, field),
  ]);
  return Object.fromEntries(entries) as View;
}

const builders: readonly ((name: string) => Reply)[] = [
  (name) => errorCard(named(errors['stale'] as never, name)),
  (name) => noticeCard({ message: name, details: [name, name], next: [] }),
  (name) => approvalCard(named(approvals['one-of-two'] as never, name)),
];

/** Cards with a hostile name in every place: as many elements as with an ordinary one, and words that are only words. */
export const cards: Play = async ({ size, random }) => {
  const letIn: string[] = [];
  const shapes = builders.map((build) => shapeOf(build(mark).card));
  for (const [i, name] of names(random, size).entries()) {
    const at = i % builders.length;
    const reply = builders[at]?.(name) as Reply;
    const shape = shapeOf(reply.card);
    if (shape !== shapes[at] && !/\n/.test(name)) letIn.push(`${JSON.stringify(name)} makes another card`);
    const wrong = [...textsOf(reply.card).flatMap(markup), ...bare(reply)];
    if (wrong.length > 0) letIn.push(`${JSON.stringify(name)}: ${wrong[0]}`);
  }
  return { tries: size, letIn };
};

/** A line that begins with a mark of exclamation is not subdued, whoever wrote it. */
const shapeOf = (card: unknown): string =>
  JSON.stringify(card, (key, value) =>
    key === 'isSubtle' || (typeof value === 'string' && !['type', 'verb', 'style'].includes(key)) ? '' : value,
  );

type Words = { readonly text: string; readonly isMarkdown: boolean };

function textsOf(node: unknown): readonly Words[] {
  if (Array.isArray(node)) return node.flatMap(textsOf);
  if (typeof node !== 'object' || node === null) return [];
  const { type, text: said, facts, ...rest } = node as Readonly<Record<string, unknown>>;
  const mine = typeof said === 'string' ? [{ text: said, isMarkdown: type === 'TextBlock' }] : [];
  const told = (Array.isArray(facts) ? facts : []).flatMap(({ title, value }) =>
    [title, value].map((one) => ({ text: String(one), isMarkdown: true })),
  );
  return [...mine, ...told, ...Object.entries(rest).flatMap(([key, value]) => (key === 'data' ? [] : textsOf(value)))];
}

const markdownIt = require('markdown-it') as (
  preset: string,
  options: object,
) => {
  enable(rules: readonly string[]): void;
  parse(
    text: string,
    env: object,
  ): readonly { readonly type: string; readonly children: readonly { readonly type: string }[] | null }[];
};
const teams = markdownIt('zero', { html: false, linkify: false });
teams.enable([
  'emphasis',
  'list',
  'link',
  'escape',
  'newline',
  'image',
  'strikethrough',
  'heading',
  'blockquote',
  'backticks',
]);
const plainWords = /^(paragraph_(open|close)|inline|text|text_special|softbreak|hardbreak)$/;

/** What a reader of markdown would make of it beyond words. */
function markup({ text: said, isMarkdown }: Words): readonly string[] {
  if (!isMarkdown) return [];
  const tokens = teams.parse(said, {}).flatMap((token) => [token, ...(token.children ?? [])]);
  return tokens.filter(({ type }) => !plainWords.test(type)).map(({ type }) => `${type} in ${JSON.stringify(said)}`);
}

/** What is evaluated, mentions or turns around, wherever it stands. */
function bare({ card, text: twin }: Reply): readonly string[] {
  const { actions: _, fallbackText: __, ...shown } = (card ?? {}) as Readonly<Record<string, unknown>>;
  const all = `${JSON.stringify(shown)}\n${twin}`.replace(
    /\{\{(?:DATE|TIME)\(20\d\d-1\d-[\dT:.Z-]+(?:, ?\w+)?\)\}\}/g,
    '',
  );
  const wrong = [/<\s*\/?\s*at\b/i, /\$\{/, /\{\{/, /\u202e|\ufeff/].filter((one) => one.test(all));
  return wrong.map((one) => `${one} in ${all.slice(Math.max(0, all.search(one) - 60), all.search(one) + 60)}`);
}

/** Words of scripts for Linux, which the shell itself reads, and for Windows, which a reader of PowerShell's rules does. */
export const shells: Play = async ({ size, random }) => {
  const letIn: string[] = [];
  const all = names(random, size);
  // Should a name be read as a command after all, there is none to be found, and nothing to be written over.
  const cwd = mkdtempSync(join(tmpdir(), 'goldbot-attack-'));
  for (let at = 0; at < all.length; at += 500) {
    const some = all.slice(at, at + 500);
    const input = some.map((name) => `printf '%s\\0' ${shellQuoted(name)}\n`).join('');
    const { stdout, stderr } = spawnSync('/bin/sh', [], { input, encoding: 'utf8', cwd, env: { PATH: cwd } });
    const read = stdout.split('\0');
    some.forEach((name, i) => {
      if (read[i] !== name)
        letIn.push(`sh reads ${JSON.stringify(name)} as ${JSON.stringify(read[i])} ${stderr.slice(0, 80)}`);
    });
  }
  rmSync(cwd, { recursive: true });
  for (const name of all) {
    const quoted = powerShellQuoted(name);
    if (readByPowerShell(quoted) !== name)
      letIn.push(`PowerShell reads ${quoted} as something else than ${JSON.stringify(name)}`);
  }
  return { tries: size, letIn };
};

/** A literal in single quotes, or a sum of such and of characters by number; anything else is undefined. */
function readByPowerShell(expression: string): string | undefined {
  if (!/^[\x20-\x7e]*$/.test(expression)) return undefined;
  const literal = /^'((?:[^']|'')*)'$/.exec(expression)?.[1];
  if (literal !== undefined) return literal.replaceAll("''", "'");
  const inner = /^\('' \+ (.*)\)$/.exec(expression)?.[1];
  if (inner === undefined) return undefined;
  const parts = [...inner.matchAll(/'((?:[^']|'')*)'|\[char\]0x([0-9a-f]{1,4})| \+ /gy)];
  if (parts.map(([whole]) => whole).join('') !== inner) return undefined;
  return parts
    .map(([, word, code]) =>
      code ? String.fromCharCode(Number.parseInt(code, 16)) : (word ?? '').replaceAll("''", "'"),
    )
    .join('');
}
