import { settingsHelp } from '../../app/settings';
import { auditActions } from '../../core/audit';
import { optionName } from '../../core/command-call';
import { type Again, errorCatalogue } from '../../core/errors';
import { type Command, commands } from '../../dialogs';
import { type ArgInfo, options, usage } from '../../dialogs/conversation/command';
import { later } from '../../dialogs/conversation/grammar';
import { databaseTroubles } from '../../store';
import { catalogueSections } from './catalogue';

const generated = '<!-- Written by `npm run docs` from the code; edit that instead. -->';

/** `docs/reference/commands.md`: every command, from the same data that the bot itself reads. */
export function commandsPage(): string {
  return page([
    '# Commands',
    generated,
    'In a channel, mention goldbot first: `@goldbot publish ubuntu-22`. Every button has a command that does the same; the foot of each card lists them. Your own words do, too: [plain words](plain-words.md).',
    grammar,
    '## At a glance',
    [
      '| command | role | changes something |',
      '|---|---|---|',
      ...commands.map(
        (c) =>
          `| [\`${cell(usage(c))}\`](#${c.verb.replaceAll(' ', '-')}) | ${who(c)} | ${c.effect === 'write' ? 'yes' : 'no'} |`,
      ),
    ].join('\n'),
    ...commands.flatMap(commandSection),
    '## Not in this version',
    'goldbot knows these commands and answers that it cannot carry them out yet.',
    [
      '| command | what it will do |',
      '|---|---|',
      ...Object.entries(later).map(([verb, what]) => `| \`${verb}\` | ${what} |`),
    ].join('\n'),
  ]);
}

/** `docs/reference/errors.md`: one heading for each code. */
export function errorsPage(): string {
  return page([
    '# Errors',
    generated,
    'Each refusal names its code, says what happened to what, and ends with the next command. Only `INTERNAL` is a fault in goldbot; its reference finds the cause in the log.',
    ...Object.entries(errorCatalogue).flatMap(([code, { meaning, again }]) => [`## ${code}`, meaning, againIn[again]]),
  ]);
}

/** `docs/reference/troubles.md`: what stops goldbot from starting or working, in its own words. */
export function troublesPage(): string {
  const ofSettings = Object.entries(settingsHelp).map(([name, help]) => `| \`${name}\` | ${cell(help)} |`);
  const ofOperators = Object.entries(errorCatalogue).filter(([code]) =>
    /^(AZ_|DATABASE_|SETTINGS_|CATALOGUE_|PORT_|DIRECTORY_)/.test(code),
  );
  return page([
    '# Troubles of whoever runs goldbot',
    generated,
    'Search this page for the sentence that you read in the log or on a card. The [doctor](../doctor.md) finds most of it before it hurts, and the [runbook](../runbook.md#when-something-is-wrong) says where to look when goldbot says nothing.',
    '## The database',
    'Told as `DATABASE_REFUSED`. What passes by itself is `DATABASE_SILENT`, and goldbot waits for it.',
    [
      '| goldbot says | what mends it |',
      '|---|---|',
      ...databaseTroubles.map(({ message, hint }) => `| ${cell(message)} | ${cell(hint)} |`),
    ].join('\n'),
    '## Settings',
    '`goldbot does not start:` and then a line for each variable of `npm run serve` that is missing or wrong, `SETTINGS_INVALID`.',
    ['| variable | what it is |', '|---|---|', ...ofSettings].join('\n'),
    '## Azure, Entra and files',
    [
      '| code | means | |',
      '|---|---|---|',
      ...ofOperators.map(
        ([code, { meaning, again }]) =>
          `| [\`${code}\`](errors.md#${code.toLowerCase()}) | ${cell(meaning)} | ${againIn[again]} |`,
      ),
    ].join('\n'),
    'A card that carries one of these names the resource, and for `AZ_FORBIDDEN` the action and the scope too; [roles.md](../roles.md) says which role has the action.',
  ]);
}

const againIn: Readonly<Record<Again, string>> = {
  never: 'Final: the same command gets the same answer.',
  'once fixed': 'The same command works once the cause is fixed.',
  later: 'Temporary: the same command can succeed later.',
};

/** `docs/reference/catalogue.md`: every key of the catalogue, from the schemas that it is parsed with. */
export function cataloguePage(): string {
  return page([
    '# Catalogue',
    generated,
    'What a user configures: the YAML files in the folder that `GOLDBOT_CATALOG` names; [`catalog/`](../../catalog/) is an example. goldbot reads all of them together and reports every mistake with file and line. When a file changes and has mistakes, the previous configuration stays in force. Unknown keys are errors. A duration is `+` and a number of `h`, `d`, `w` or `mo`.',
    ...catalogueSections(),
    '## vulnerabilities/*.json',
    'Optional: what your scanner or your vendors say is vulnerable, in the format of [OSV](https://ossf.github.io/osv-schema/) (a record, a list of them, or the answer of its query), [OpenVEX](https://github.com/openvex/spec) or CycloneDX with `vulnerabilities`. `show`, `diff`, `who has` and the card of an approval request mark by it what is inside a version; `who has CVE-…` finds who is affected. goldbot compares by itself and asks nobody. Records count by ecosystem, release and version: Debian and Ubuntu by the source that a package is built from, the others by the name of the package. A statement that something is not affected, or fixed, outweighs one that it is. What is withdrawn, or still being looked into, does not count.',
  ]);
}

const grammar = [
  '## Syntax',
  '```',
  'message = [mention] verb {argument} {--option value | --option=value}',
  'image   = name | alias                     version = N.N.N | latest | previous | candidate',
  'ref     = image[@version | " " version]    request = R-XXXXX (a run, or one asking for approval)',
  'when    = ISO date or time | +N(h|d|w|mo)',
  '```',
  'Case does not matter. Put a text of several words in quotes, or at the end. Within quotes a backslash in front of a quotation mark makes it part of the text (`\\"`); `"…"` stands for something that is still to be filled in. goldbot answers a typo with the nearest command and never runs it; it answers a missing argument with a form.',
].join('\n');

function commandSection(command: Command): readonly string[] {
  const shown = options(command);
  const table = [
    '| option | meaning |',
    '|---|---|',
    ...shown.map((o) => `| \`${cell(optionUse(o))}\` | ${o.label}${o.required ? ' (required)' : ''} |`),
  ];
  const aliases = command.aliases?.length ? [`Also: ${command.aliases.map((a) => `\`${a}\``).join(', ')}.`] : [];
  return [
    `## ${command.verb}`,
    command.summary,
    `\`${usage(command)}\``,
    `Role: ${who(command)}.`,
    ...aliases,
    ...(shown.length > 0 ? [table.join('\n')] : []),
    ['```', ...command.examples, '```'].join('\n'),
  ];
}

function optionUse(info: ArgInfo): string {
  return info.kind === 'flag' ? optionName(info.name) : `${optionName(info.name)} ${info.value ?? ''}`.trim();
}

function who({ role }: Command): string {
  return role === 'all' ? 'everybody' : role;
}

/** A vertical bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function page(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}

/** `docs/reference/audit.md`: what stands in the audit about every action, from the table that the compiler holds entries to. */
export function auditPage(): string {
  return `${[
    '# Audit',
    '<!-- Written by `npm run docs` from the code; edit that instead. -->',
    'Every entry has a number (`seq`), a time (`at`, world time), a person or goldbot (`who`), an action, and, where it is about them, a subject (the image, team or machine), a request (the run or approval request that is meant) and the run. The rest are details. Entries are chained by hash: `audit` says whether one was edited, deleted, inserted or cut off. Entries of earlier versions may lack some of the details.',
    ...Object.entries(auditActions).map(([action, row]) => auditSection(action, row)),
  ].join('\n\n')}\n`;
}

type AuditRow = (typeof auditActions)[keyof typeof auditActions];

const auditColumns = { subject: 'subject', request: 'request', runId: 'run' } as const;

function auditSection(action: string, { means, by, about, must, may }: AuditRow): string {
  const always = about.map((column) => auditColumns[column]).join(', ');
  const details = [
    ...Object.entries(must).map(([key, what]) => `- \`${key}\`: ${what}`),
    ...Object.entries(may).map(([key, what]) => `- \`${key}\` (where there is one): ${what}`),
  ];
  const head = `${means} By ${by}${always && `, always with ${always}`}.`;
  return [`## \`${action}\``, head, details.join('\n')].join('\n\n');
}
