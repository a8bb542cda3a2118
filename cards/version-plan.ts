import { type CommandCall, call } from '../core/command-call';
import { type BlastRadius, consumerWords, type Effect, notLookedAt } from '../core/lifecycle';
import type { VersionVerb } from '../core/runs';
import { cell, type Fact, facts, lines, type TableBlock, type Tint, table, tint } from './parts/blocks';
import type { Button } from './parts/buttons';
import { type Field, fieldView } from './parts/fields';
import { capital, clock, count, day, dotted, type Instant, number, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
import { asWhom, teamName } from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/version-plan.json';

/** What would become of everybody if something were done to a version. Nothing has been done yet. */
export interface VersionPlanView {
  readonly verb: PlannedVerb;
  readonly image: string;
  readonly versions: readonly string[];
  /** `rollback`: what is latest then. */
  readonly to?: string;
  /** `rollback`: under which number that comes back as a copy; the radius tells of both halves. */
  readonly forward?: string;
  /** `copy`: name of the second gallery. */
  readonly into?: string;
  readonly reason?: string;
  /** What is to be known besides, a sentence each with a title. */
  readonly more?: readonly { readonly title: string; readonly value: string }[];
  readonly radius: BlastRadius;
  /** `replicate`: every region that the version or somebody is in. */
  readonly copies?: readonly CopyRow[];
  /** The same command with the word of this plan; while something would break, it breaks the glass. */
  readonly agree?: CommandCall;
  /** How many machines a person has to have counted, and typed, to agree. */
  readonly toType?: number;
  /** Why what was sent did not count: a sentence. */
  readonly refused?: string;
  /** Absent: nobody is asked. */
  readonly decides?: { readonly group: string; readonly channel: string; readonly quorum: number };
  /** What could be asked for instead. */
  readonly instead?: readonly CommandCall[];
  readonly asOf: Instant;
}

/** The copies of a version in a region. */
export interface CopyRow {
  readonly region: string;
  readonly now: number;
  readonly after: number;
  readonly failed?: boolean;
  /** So many would serve all who could start at once. */
  readonly advised: number;
  readonly machines: number;
  readonly scaleSets: number;
}

/** Those that are shown before they are asked for. */
export type PlannedVerb = Exclude<VersionVerb, 'eol' | 'age' | 'channel'>;

const asks: Readonly<Record<PlannedVerb, string>> = {
  revoke: 'Revoke',
  retire: 'Retire',
  restore: 'Restore',
  promote: 'Promote',
  rollback: 'Roll back',
  replicate: 'Change the copies of',
  copy: 'Copy',
};

const does: Readonly<Record<PlannedVerb, string>> = {
  retire: 'It leaves latest in every region, and is then deleted.',
  revoke: 'It leaves latest in every region. It stays in the gallery: anyone who names its number can still deploy it.',
  restore: 'It is offered again, and latest wherever no higher number is.',
  promote:
    'It becomes latest as it is; nothing is built. Scale sets that upgrade themselves begin as soon as it is latest and copied in their region: a fifth of their machines at a time, and they stop when a fifth is unhealthy.',
  replicate:
    'New copies are made first, while it stays as it is; once they are in place, those that are not wanted are removed. Where it has no copy, nobody can deploy it.',
  copy: 'It is made there out of latest, with the same tags and end of life. Once it is everywhere, it is offered where the version is; scale sets that follow the latest there take it. Nothing of the version itself changes.',
  rollback:
    'They leave latest in every region and stay in the gallery. New machines and reimages take the lower version; running ones stay on what they run, as nothing says that Azure moves a scale set down.',
};

const forwardDoes = (to: string, forward: string): string =>
  `They leave latest in every region and stay in the gallery. New machines and reimages take ${to} until ${forward} is in place, and ${forward} from then on.`;

const manyRetired = 'One by one, they leave latest in every region and are then deleted.';

const mostRows = 8;

/** The blast radius first, and below it the button that asks whoever decides. */
export function versionPlanCard(view: VersionPlanView): Reply {
  const { image, versions, radius, instead = [] } = view;
  const fields = fieldsOf(view);
  return sheet(
    template,
    {
      title: titleOf(view),
      subtitles: [
        dotted(
          `${count(radius.machines, 'machine')} on ${versions.length > 1 ? 'them' : 'it'}`,
          'a plan; nothing has been changed',
          changes(view) && asWhom,
        ),
      ],
      buttons: buttonsOf(view),
      next: [...instead, call('who uses', { ref: `${image}@${versions[0]}` })],
    },
    {
      tints: [...refusal(view), verdict(radius), ...gapTints(radius.gaps, 3)].slice(0, 3),
      facts: factsOf(view),
      tables: [
        ...copiesTable(view),
        ...effectsTable('Would break', radius.breaks),
        ...effectsTable('Would take another version', radius.moves),
        ...latestTable(radius),
        ...machinesTable(radius),
        ...effectsTable(
          'Would stay as they are',
          radius.survives.filter(({ consumer }) => consumer.kind !== 'machines'),
        ),
      ],
      notes: lines([
        ...glassNote(view),
        oneLine(notLookedAt(radius.unseen), 400),
        `As of ${clock(view.asOf)}; checked again before anything is changed.`,
      ]),
      fields: fields.map(fieldView),
    },
  );
}

/** Without anything to do it only tells. */
function titleOf(view: VersionPlanView): string {
  const { verb, image, versions } = view;
  if (verb === 'replicate' && !changes(view)) return `Copies of ${oneLine(`${image} ${versions.join(', ')}`, 90)}`;
  return `${asks[verb]} ${oneLine(subject(view), 90)}?`;
}

const changes = ({ radius: { copies } }: VersionPlanView): boolean =>
  copies === undefined || copies.set.length + copies.again.length + copies.remove.length > 0;

const subject = ({ image, versions, to, into }: VersionPlanView): string =>
  to === undefined
    ? `${image} ${versions.join(', ')}${into === undefined ? '' : ` into ${into}`}`
    : `${image} to ${to}`;

function refusal({ refused }: VersionPlanView): readonly Tint[] {
  return refused === undefined ? [] : [tint('warning', `! ${refused} `, 'Nothing was started.')];
}

function glassNote({ radius, agree }: VersionPlanView): readonly string[] {
  if (radius.breaks.length === 0 || agree === undefined) return [];
  return [
    '! To break glass is for emergencies: what would break breaks, and somebody who took no part has to review it.',
  ];
}

function verdict({ breaks, moves }: BlastRadius): Tint {
  if (breaks.length > 0) {
    const first = breaks[0] ? ` ${capital(consumerWords(breaks[0].consumer))} ${breaks[0].why}.` : '';
    return tint('attention', `✗ ${number(breaks.length)} would break.`, first);
  }
  const others = moves.length === 0 ? '' : ` ${number(moves.length)} would take another version.`;
  return tint('good', '✓ Nothing would break.', others);
}

function factsOf(view: VersionPlanView): readonly Fact[] {
  const { reason, more = [] } = view;
  return facts(
    ['What happens', changes(view) && happens(view)],
    ...more.map(({ title, value }) => [title, value] as const),
    ['Reason', reason],
    ['Decides', changes(view) && decidesWords(view)],
  );
}

function happens({ verb, versions, to, forward }: VersionPlanView): string {
  if (to !== undefined && forward !== undefined) return forwardDoes(to, forward);
  return versions.length > 1 && verb === 'retire' ? manyRetired : does[verb];
}

function decidesWords({ decides }: VersionPlanView): string {
  if (!decides) return 'nobody else: whoever may publish the image starts it';
  const { group, channel, quorum } = decides;
  const many = quorum === 1 ? '' : ` (${number(quorum)} people)`;
  return `${oneLine(group, 60)} in ${oneLine(channel, 60)}${many}; not who asks for it`;
}

function copiesTable({ copies = [], ...view }: VersionPlanView): readonly TableBlock[] {
  const rest = copies.length - mostRows;
  const then = changes(view);
  return table({
    heading: 'Copies, region by region',
    columns: [
      { title: 'Region', width: 7 },
      { title: 'Now', width: 3 },
      ...(then ? [{ title: 'Then', width: 3 }] : []),
      { title: 'Azure advises', width: 6 },
    ],
    rows: copies.slice(0, mostRows).map((row) => ({
      cells: [
        cell(row.region, { bold: true, under: row.failed ? '✗ failed' : '', loud: true }),
        cell(number(row.now)),
        ...(then ? [cell(number(row.after), { bold: row.after !== row.now })] : []),
        cell(number(row.advised), { under: usersOf(row) }),
      ],
    })),
    ...(rest > 0 && { more: `… and ${number(rest)} more.` }),
  });
}

/** Of any version of the image: what is running there may start at once. */
const usersOf = ({ machines, scaleSets }: CopyRow): string =>
  dotted(count(machines, 'machine'), scaleSets === 0 ? '' : count(scaleSets, 'scale set'));

function effectsTable(heading: string, effects: readonly Effect[]): readonly TableBlock[] {
  const rest = effects.length - mostRows;
  return table({
    heading,
    columns: [
      { title: 'What', width: 7 },
      { title: 'Team', width: 4 },
      { title: 'Then', width: 10 },
    ],
    rows: effects.slice(0, mostRows).map(({ consumer, why }) => ({
      cells: [
        cell(consumerWords({ ...consumer, team: null }), { bold: true, under: consumer.location ?? '' }),
        cell(consumer.kind === 'recipe' ? 'the catalogue' : teamName(consumer.team)),
        cell(why),
      ],
    })),
    ...(rest > 0 && { more: `… and ${number(rest)} more.` }),
  });
}

function latestTable({ latest, now }: BlastRadius): readonly TableBlock[] {
  const changed = latest.filter(({ before, after }) => before !== after);
  const goesBetween = changed.some(({ meanwhile }) => meanwhile !== undefined);
  return table({
    heading: 'Latest, region by region',
    columns: [
      { title: 'Region', width: 6 },
      { title: 'Now', width: 4 },
      ...(goesBetween ? [{ title: 'Meanwhile', width: 4 }] : []),
      { title: 'Then', width: 6 },
    ],
    rows: changed.slice(0, mostRows).map(({ region, before, meanwhile, after, afterEnds }) => {
      const isPast = afterEnds !== undefined && afterEnds <= now;
      const ends = afterEnds === undefined ? '' : isPast ? `! ended on ${day(afterEnds)}` : `ends on ${day(afterEnds)}`;
      return {
        cells: [
          cell(region, { bold: true }),
          cell(before ?? 'none'),
          ...(goesBetween ? [cell((meanwhile === undefined ? after : meanwhile) ?? '! none')] : []),
          cell(after ?? '! none', { under: after === undefined ? '' : ends }),
        ],
      };
    }),
  });
}

/** Every machine once: the sum is the figure at the top. */
function machinesTable({ survives, versions }: BlastRadius): readonly TableBlock[] {
  const own = survives.filter(({ consumer }) => consumer.kind === 'machines' && versions.includes(consumer.version));
  const teams = new Map<string | null, { machines: number; regions: string[] }>();
  for (const { consumer } of own) {
    const { machines = 0, regions = [] } = teams.get(consumer.team) ?? {};
    const here = `${consumer.location ?? ''} ${number(consumer.machines ?? 0)}`;
    teams.set(consumer.team, { machines: machines + (consumer.machines ?? 0), regions: [...regions, here] });
  }
  const rows = [...teams].sort(([, a], [, b]) => b.machines - a.machines);
  const rest = rows.slice(mostRows).reduce((sum, [, { machines }]) => sum + machines, 0);
  return table({
    heading: 'Machines, which keep running',
    columns: [
      { title: 'Team', width: 5 },
      { title: 'Machines', width: 4 },
      { title: 'Where', width: 8 },
    ],
    rows: rows.slice(0, mostRows).map(([team, { machines, regions }]) => ({
      cells: [cell(teamName(team), { bold: true }), cell(number(machines)), cell(regions.join(', '))],
    })),
    ...(rest > 0 && { more: `… and ${count(rest, 'machine')} of ${count(rows.length - mostRows, 'more team')}.` }),
  });
}

function fieldsOf({ agree, toType }: VersionPlanView): readonly Field[] {
  if (agree === undefined || toType === undefined) return [];
  return [
    {
      ...{ name: 'machines', label: 'How many machines run it', kind: 'number', required: true },
      placeholder: 'The number above, typed by you',
    },
  ];
}

function buttonsOf(view: VersionPlanView): readonly Button[] {
  const { verb, agree, toType, radius, decides } = view;
  if (agree === undefined || !changes(view)) return [];
  const typed = toType === undefined ? agree : { ...agree, blanks: ['machines'] };
  const isGentle = verb === 'restore' || verb === 'promote' || verb === 'copy' || (verb === 'replicate' && !decides);
  const style = isGentle ? 'positive' : 'destructive';
  const title = radius.breaks.length > 0 ? 'Break glass' : decides ? 'Ask for approval' : 'Start';
  return [{ title, call: typed, style, ...(toType !== undefined && { takesInputs: true }) }];
}
