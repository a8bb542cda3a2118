import { call } from '../core/command-call';
import type { Gap } from '../core/compliance';
import type { GallerySharing, ImageRight, ScopeKind } from '../core/image-access';
import { type Cell, cell, type Fact, facts, lines, table } from './parts/blocks';
import { versionsButton } from './parts/buttons';
import { clip, clock, count, day, dotted, type Instant, list, number } from './parts/format';
import { gapTints } from './parts/gaps';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/access.json';

/** A role assignment that gives somebody a right to the image. */
export interface AccessRow {
  readonly kind: 'group' | 'person' | 'service' | 'other';
  /** A name where goldbot knows one, otherwise the object id. */
  readonly who: string;
  readonly rights: readonly ImageRight[];
  readonly role: string;
  /** The actions of the role that give them. */
  readonly by: readonly string[];
  /** Where the role is assigned. */
  readonly at: ScopeKind;
  readonly name: string;
  /** The management group above all others, whose name is the tenant's id. */
  readonly isRoot?: boolean;
  readonly conditional: boolean;
  /** When goldbot takes it back, if it gave it with an end. */
  readonly until?: Instant;
}

export interface AccessView {
  readonly image: string;
  /** Groups first, nearest assignments first. */
  readonly rows: readonly AccessRow[];
  /** How many people, as against groups, hold a right by themselves. */
  readonly people: number;
  /** Absent when Azure did not say, which stands among the gaps. */
  readonly goldbot?: readonly ImageRight[];
  readonly sharing?: GallerySharing;
  /** When goldbot takes the gallery back from subscriptions and tenants, by their ids. */
  readonly shareEnds?: ReadonlyMap<string, Instant>;
  readonly gaps: readonly Gap[];
  readonly asOf: Instant;
}

const mostRows = 14;
const mostShares = 6;

/** Who may use an image in Azure, by which role at which scope, and what goldbot itself may do. */
export function accessCard(view: AccessView): Reply {
  const { image, rows, gaps, asOf } = view;
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [],
      buttons: [versionsButton(image)],
      next: [call('versions', { image })],
    },
    {
      paragraphs: lines(rows.length === 0 ? ['No role assignment gives anybody a right to it.'] : []),
      facts: factsOf(view),
      tables: rightsTable(rows, asOf),
      tints: gapTints(gaps),
      notes: lines(notesOf(view)),
    },
  );
}

const kinds = { group: 'group', person: 'person', service: 'service', other: 'kind unknown' } as const;

function headline({ image, rows, sharing }: AccessView): string {
  if (sharing?.madeFor === 'community') return `Everybody in Azure may use ${image}`;
  const distinct = (kind: AccessRow['kind'], noun: string, plural?: string) => {
    const n = new Set(rows.filter((row) => row.kind === kind).map(({ who }) => who)).size;
    return n === 0 ? [] : [count(n, noun, plural)];
  };
  const all = [
    ...distinct('group', 'group'),
    ...distinct('person', 'person', 'people'),
    ...distinct('service', 'service'),
    ...distinct('other', 'identity of unknown kind', 'identities of unknown kind'),
  ];
  if (all.length === 0) return `No role lets anybody use ${image}`;
  const last = all.at(-1);
  return `${all.length === 1 ? last : `${all.slice(0, -1).join(', ')} and ${last}`} may use ${image}`;
}

function factsOf({ goldbot, sharing, shareEnds = new Map(), asOf }: AccessView): readonly Fact[] {
  return facts(
    [
      'goldbot itself',
      goldbot && (goldbot.length === 0 ? 'may do nothing with its versions' : `may ${mayWords(goldbot)}`),
    ],
    ['Shared', sharing && sharedWords(sharing, (id) => endOf(shareEnds.get(id.toLowerCase()), asOf))],
  );
}

const mayWords = (rights: readonly ImageRight[]): string => list(rights, 3);

/** An end that has passed is told of until what it ends is gone. */
function endOf(until: Instant | undefined, now: Instant): string {
  if (until === undefined) return '';
  return new Date(until) > new Date(now) ? `until ${day(until)}` : `ended ${day(until)}; goldbot is taking it back`;
}

function sharedWords({ madeFor, subscriptions, tenants }: GallerySharing, ends: (id: string) => string): string {
  switch (madeFor) {
    case 'community':
      return '! with everybody in Azure, by the community gallery';
    case 'private':
      return 'with nobody; the gallery is private';
    case 'groups': {
      const shares = [
        ...subscriptions.map((id) => spaced(`subscription ${id}`, ends(id))),
        ...tenants.map(
          (id) => `${spaced(`tenant ${id}`, ends(id))}, which is another organisation’s unless you know it`,
        ),
      ];
      return shares.length === 0 ? 'with nobody yet; the gallery can share directly' : list(shares, mostShares);
    }
  }
}

const spaced = (...words: readonly string[]): string => words.filter((word) => word !== '').join(' ');

function rightsTable(rows: readonly AccessRow[], now: Instant) {
  const rest = rows.length - mostRows;
  return table({
    heading: 'By role',
    columns: [
      { title: 'Who', width: 2 },
      { title: 'May', width: 3 },
    ],
    rows: rows.slice(0, mostRows).map((row) => ({ cells: cellsOf(row, now) })),
    ...(rest > 0 && { more: `… and ${number(rest)} more role assignments, farther from the image.` }),
  });
}

function placeWords({ at, name, isRoot }: AccessRow): string {
  if (isRoot) return 'on the tenant’s root group, above every subscription';
  return `on the ${at}${at === 'image' || at === 'tenant' ? '' : ` ${clip(name, 40)}`}`;
}

/** What somebody reads who does not know the names of Azure's actions, as far as there are words for it. */
const actionNames: Readonly<Record<string, string>> = {
  '*': 'it allows everything',
  '*/read': 'it allows reading everything',
};

function actionWords(by: readonly string[]): string {
  return by.map((action) => actionNames[action] ?? `“${clip(action, 70)}”`).join(', ');
}

function cellsOf(row: AccessRow, now: Instant): readonly Cell[] {
  const { kind, who, rights, role, by, conditional, until } = row;
  return [
    cell(clip(who, 80), { bold: true, under: kinds[kind] }),
    cell(dotted(mayWords(rights), conditional && 'only where its condition holds', endOf(until, now)), {
      under: dotted(`${clip(role, 60)} ${placeWords(row)}`, actionWords(by)),
    }),
  ];
}

function notesOf({ people, asOf }: AccessView): readonly string[] {
  return [
    people === 0
      ? ''
      : 'People with a right of their own keep it when they change teams. goldbot may not ask Entra for their names; look them up there by id.',
    'Anyone who may view a version may deploy it; anyone with that right on the image alone cannot list it, and needs its id.',
    `Azure’s role assignments as of ${clock(asOf)}. Deny assignments are not checked: they may take away what a role gives.`,
  ];
}
