import { type CommandCall, call } from '../core/command-call';
import type { Gap, GuestStatus, Lineage, MachineType, PolicyState, ServiceModel } from '../core/compliance';
import { lines, type Mark, markView } from './parts/blocks';
import { clock, count, dotted, type Instant, moment, number, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
import { type PickRow, picksPart } from './parts/picks';
import { lineageText, sourceName, stateWords, teamName } from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/machines.json';

export interface MachineRow {
  readonly name: string;
  readonly resourceGroup: string;
  readonly type: MachineType;
  /** Null: no team has it. Absent: the card is about one team. */
  readonly team?: string | null;
  /** `ubuntu-22 1.3.0`, or `canonical:…`; absent when Azure does not say. */
  readonly image?: string;
  readonly lineage?: Lineage;
  /** The channel that it is measured against; absent: Azure's latest. */
  readonly follows?: string;
  readonly model: ServiceModel | 'undecided';
  /** The worst one; `by its scale set`: Azure Policy evaluates that instead; absent when Azure did not answer. */
  readonly state?: PolicyState | 'not evaluated' | 'by its scale set';
  /** Instead of the state, where the list is about what is reported from inside. */
  readonly guest?: GuestStatus | 'without any check';
}

/** The machines behind a number. */
export interface MachinesView {
  /** `of payments`, `without a team`. */
  readonly whose: string;
  /** The question in words: `ubuntu-22 1.3.0, pets`; empty for all. */
  readonly asked: string;
  /** In the order to show. */
  readonly machines: readonly MachineRow[];
  readonly total: number;
  /** How many come before the first one shown. */
  readonly skipped: number;
  /** The next page; absent when the person should narrow the question instead. */
  readonly next?: CommandCall;
  readonly gaps: readonly Gap[];
  readonly asOf: Instant;
  /** When they last reported from inside, when that is what was asked for. */
  readonly guestAsOf?: Instant;
}

/** How many machines one card shows: a page of the list. */
export const machinesPage = 15;

/** The rows behind a number, a page at a time; each answers why it stands as it does. */
export function machinesCard(view: MachinesView): Reply {
  const shown = view.machines.slice(0, machinesPage);
  const last = view.skipped + shown.length;
  const cut =
    view.total > shown.length ? `${number(view.skipped + 1)} to ${number(last)} of ${number(view.total)}` : '';
  const narrow =
    view.total > last && view.next === undefined ? 'Narrow the question to see the others: --image, --class.' : '';
  const { whose, asked, next } = view;
  const many = view.total === 0 ? 'No machine' : count(view.total, 'machine');
  return sheet(
    template,
    {
      title: oneLine(`${many} ${whose}`, 120),
      subtitles: [oneLine(asked, 120), dotted(shown.length > 0 && cut, clocksOf(view))],
      buttons: next === undefined || view.total <= last ? [] : [{ title: 'Next page', call: next }],
      next: shown.slice(0, 1).map(({ name }) => whyCall(name)),
    },
    { paragraphs: lines([narrow]), picks: machinesList(shown), tints: gapTints(view.gaps, 3) },
  );
}

function clocksOf({ asOf, guestAsOf }: MachinesView): string {
  const guest = guestAsOf === undefined ? '' : `, in the guest as of ${moment(guestAsOf)}`;
  return `control plane as of ${clock(asOf)}${guest}`;
}

/** By where they are, in the order of the list. */
function machinesList(rows: readonly MachineRow[]): readonly object[] {
  const places = new Map<string, MachineRow[]>();
  for (const row of rows) places.set(placeOf(row), [...(places.get(placeOf(row)) ?? []), row]);
  return [...places].flatMap(([heading, own]) => picksPart({ heading, rows: own.map(rowOf) }));
}

const placeOf = ({ resourceGroup, team }: MachineRow): string =>
  dotted(team !== undefined && teamName(team), resourceGroup);

const whyCall = (machine: string): CommandCall => call('compliance', { why: machine });

function rowOf(row: MachineRow): PickRow {
  const { name, image, lineage, follows, type, model } = row;
  const { mark, words } = standing(row);
  return {
    label: oneLine(name, 60),
    sign: markView(mark),
    details: [
      dotted(
        image === undefined ? '' : sourceName(oneLine(image, 60)),
        lineage === undefined ? '' : lineageText(lineage, follows),
      ),
      dotted(words, model, kindWords[type]),
    ],
    ...{ call: whyCall(name), title: `Why ${name}` },
  };
}

const kindWords: Readonly<Record<MachineType, string>> = { vm: '', instance: 'scale set instance', arc: 'Arc' };

interface Stand {
  readonly mark: Mark;
  readonly words: string;
}

function standing({ state, guest }: MachineRow): Stand {
  if (guest !== undefined) return { mark: guestMarks[guest].mark, words: `${guestMarks[guest].words} in the guest` };
  if (state === undefined) return { mark: 'todo', words: 'Azure Policy did not answer' };
  if (state === 'not evaluated' || state === 'by its scale set') return { mark: 'todo', words: state };
  return { mark: marks[state], words: stateWords[state] };
}

const guestMarks: Readonly<Record<NonNullable<MachineRow['guest']>, Stand>> = {
  Compliant: { mark: 'done', words: 'compliant' },
  NonCompliant: { mark: 'failed', words: 'non-compliant' },
  Pending: { mark: 'todo', words: 'pending' },
  'without any check': { mark: 'todo', words: 'without any check' },
};

const marks: Readonly<Record<PolicyState, Mark>> = {
  Compliant: 'done',
  NonCompliant: 'failed',
  Exempt: 'skipped',
  Conflict: 'needs-person',
  Unknown: 'todo',
  Error: 'needs-person',
};
