import { call } from '../core/command-call';
import type { Tone } from './parts/blocks';
import { lines, signView } from './parts/blocks';
import { type Button, diffButton, publishButton, showButton } from './parts/buttons';
import { clock, count, day, dotted, type Instant, oneLine, shortDay } from './parts/format';
import { type PickRow, picksPart } from './parts/picks';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/versions.json';

export type VersionState =
  | 'latest'
  | 'current'
  | 'aged'
  | 'revoked'
  | 'rolled-back'
  | 'past-end'
  | 'candidate'
  | 'copy'
  | 'building'
  | 'failed'
  | 'forged';

export interface VersionRow {
  readonly version: string;
  readonly state: VersionState;
  /** `stable`: those whose version it is; absent when there are none. */
  readonly channels?: readonly string[];
  /** The number that it is a copy of. */
  readonly copyOf?: string;
  /** Exact version of the base from the tattoo; absent when the version has no tattoo. */
  readonly base?: string;
  readonly builtAt?: Instant;
  readonly publishedAt?: Instant;
  readonly endOfLife?: Instant;
  /** Machines that run it; absent when nobody counted. */
  readonly machines?: number;
}

export interface VersionsView {
  readonly image: string;
  /** `Ubuntu Server 22.04 LTS`. */
  readonly os: string;
  readonly gallery: string;
  /** In the order to show. */
  readonly versions: readonly VersionRow[];
  /** How many there are in all. */
  readonly total: number;
  readonly orderedBy: 'number' | 'date';
  /** The highest version number that is not excluded from latest; absent when there is none. */
  readonly latestByNumber?: string;
  /** The newest by publish date. If it differs from the one above, the card says so. */
  readonly newestByDate?: string;
  /** `3 · 2 · 2, all in place`. */
  readonly replicas?: string;
  /** Who has locked the image, why and since when: a sentence. */
  readonly lock?: string;
  /** When Azure was asked. */
  readonly asOf: Instant;
  readonly canPublish: boolean;
}

const states: Readonly<Record<VersionState, { readonly text: string; readonly tone: Tone }>> = {
  latest: { text: '● Latest', tone: 'Good' },
  current: { text: '● Published', tone: 'Informative' },
  aged: { text: '◐ Aged', tone: 'Informative' },
  'rolled-back': { text: '↩ Rolled back', tone: 'Warning' },
  revoked: { text: '✗ Revoked', tone: 'Attention' },
  'past-end': { text: '○ Past end of life', tone: 'Warning' },
  candidate: { text: '◌ Next', tone: 'Informative' },
  copy: { text: '◌ Not shown yet', tone: 'Informative' },
  building: { text: '◌ Building', tone: 'Informative' },
  failed: { text: '✗ Failed', tone: 'Attention' },
  forged: { text: '✗ Forged', tone: 'Attention' },
};

const maxRows = 15;

/** The versions of an image: state, tattoo, end of life and who uses them. */
export function versionsCard(view: VersionsView): Reply {
  const shown = view.versions.slice(0, maxRows);
  const notes = [
    view.lock ?? '',
    dotted(view.replicas === undefined ? '' : `Replicas ${view.replicas}`, `As of ${clock(view.asOf)}`),
  ];
  const cut = view.total > shown.length ? `Showing ${shown.length} of ${view.total}, by ${view.orderedBy}.` : '';
  const nothing = shown.length === 0 ? ['There is no version yet.'] : [];
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [dotted(oneLine(view.os, 80), `gallery ${oneLine(view.gallery, 60)}`, count(view.total, 'version'))],
      buttons: buttons(view, shown),
      next: cut === '' ? [] : [call('versions', { image: view.image, all: true })],
    },
    {
      paragraphs: lines([...nothing, orderWarning(view)]),
      picks: picksPart({ rows: shown.map((row) => rowOf(view.image, row)) }),
      notes: lines([cut, ...notes]),
    },
  );
}

export function stateText(state: VersionState): string {
  return states[state].text;
}

export function stateTone(state: VersionState): Tone {
  return states[state].tone;
}

function headline({ image, latestByNumber: latest, total, versions }: VersionsView): string {
  if (total === 0) return `${image} has no version yet`;
  if (latest === undefined) return `No version of ${image} counts as latest`;
  const isForged = versions.some(({ version, state }) => version === latest && state === 'forged');
  return isForged ? `${latest}, the latest ${image}, is forged` : `${latest} is the latest ${image}`;
}

/** A press shows all of it. */
function rowOf(image: string, row: VersionRow): PickRow {
  const { version, state, base, machines } = row;
  const { text, tone } = states[state];
  const { call: show, title } = showButton(image, version);
  return {
    label: version,
    details: [
      dotted(standing(row), machines === undefined ? 'machines not counted' : count(machines, 'machine')),
      dotted(base === undefined ? 'no tattoo' : oneLine(base, 80), built(row), endWords(row)),
    ],
    ...{ sign: signView([...text][0] ?? '', tone), call: show, title },
  };
}

/** Without the sign before it. */
const stateWord = (state: VersionState): string => states[state].text.replace(/^\S+ /, '');

const standing = ({ state, channels = [], copyOf }: VersionRow): string =>
  dotted(stateWord(state), channels.join(', '), copyOf !== undefined && `copy of ${copyOf}`);

function endWords({ state, endOfLife: date }: VersionRow): string {
  if (date !== undefined) return `end of life ${shortDay(date)}`;
  return state === 'candidate' || state === 'building' ? '' : 'no end of life';
}

function built(row: VersionRow): string {
  return row.builtAt === undefined ? '' : `built ${shortDay(row.builtAt)}`;
}

/** Where the newest is not what machines take. */
function orderWarning(view: VersionsView): string {
  const { latestByNumber: latest, newestByDate } = view;
  if (latest === undefined || newestByDate === undefined || newestByDate === latest) return '';
  const newest = view.versions.find((row) => row.version === newestByDate)?.publishedAt;
  const since = newest === undefined ? '' : ` of ${day(newest)}`;
  return `! Latest is the highest number: ${latest}. The newest by date is ${newestByDate}${since}: scale sets and "latest" ignore it.`;
}

function buttons(view: VersionsView, shown: readonly VersionRow[]): readonly Button[] {
  const first = view.latestByNumber ?? shown[0]?.version;
  const before = shown.find((row) => row.version !== first && !['candidate', 'copy', 'building'].includes(row.state));
  const show = first === undefined ? [] : [showButton(view.image, first)];
  const diff = first === undefined || before === undefined ? [] : [diffButton(view.image, before.version, first)];
  return [...show, ...diff, ...(view.canPublish ? [publishButton(view.image)] : [])];
}
