import type { CommandCall } from '../core/command-call';
import type { Gap, GuestStatus, Lineage, MachineType, PolicyState, ServiceModel } from '../core/compliance';
import { cell, lines, table } from './parts/blocks';
import { type Button, whyButton } from './parts/buttons';
import { clock, count, dotted, type Instant, moment, number, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
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
  /** `payments: non-compliant`. */
  readonly title: string;
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

/** The rows behind a number, a page at a time. */
export function machinesCard(view: MachinesView): Reply {
  const shown = view.machines.slice(0, machinesPage);
  const none = shown.length === 0 ? ['No machine matches.'] : [];
  const tints = gapTints(view.gaps, 3);
  const last = view.skipped + shown.length;
  const cut =
    view.total > shown.length ? `${number(view.skipped + 1)} to ${number(last)} of ${number(view.total)}` : '';
  const narrow =
    view.total > last && view.next === undefined ? 'Narrow the question to see the others: --image, --class.' : '';
  const note = dotted(shown.length > 0 && cut, narrow, clocksOf(view));
  return sheet(
    template,
    {
      title: oneLine(view.title, 120),
      subtitles: [dotted(count(view.total, 'machine'), oneLine(view.asked, 120))],
      buttons: buttons(view, shown, last),
    },
    { paragraphs: lines(none), tables: machinesTable(shown), tints, notes: lines([note]) },
  );
}

function clocksOf({ asOf, guestAsOf }: MachinesView): string {
  const guest = guestAsOf === undefined ? '' : `, in the guest as of ${moment(guestAsOf)}`;
  return `Control plane as of ${clock(asOf)}${guest}`;
}

function machinesTable(rows: readonly MachineRow[]) {
  return table({
    columns: [
      { title: 'Machine', width: 8 },
      { title: 'Image', width: 8 },
      { title: 'Status', width: 7 },
    ],
    rows: rows.map((row) => ({
      cells: [
        cell(oneLine(row.name, 60), { bold: true, under: oneLine(place(row), 60) }),
        cell(row.image === undefined ? '–' : sourceName(oneLine(row.image, 60)), {
          under: row.lineage === undefined ? '' : lineageText(row.lineage, row.follows),
        }),
        cell(stateOf(row), { under: row.model }),
      ],
    })),
  });
}

function place({ type, resourceGroup, team }: MachineRow): string {
  const kind = type === 'vm' ? '' : type === 'arc' ? 'Arc' : 'instance';
  return dotted(team === undefined ? '' : teamName(team), resourceGroup, kind);
}

function stateOf({ state, guest }: MachineRow): string {
  if (guest !== undefined) return `${guestWords[guest]} in the guest`;
  if (state === undefined) return '? no answer';
  if (state === 'not evaluated' || state === 'by its scale set') return `○ ${state}`;
  return `${signs[state]} ${stateWords[state]}`;
}

const guestWords: Readonly<Record<NonNullable<MachineRow['guest']>, string>> = {
  Compliant: '✓ compliant',
  NonCompliant: '✗ non-compliant',
  Pending: '○ pending',
  'without any check': '○ without any check',
};

const signs: Readonly<Record<PolicyState, string>> = {
  Compliant: '✓',
  NonCompliant: '✗',
  Exempt: '–',
  Conflict: '!',
  Unknown: '○',
  Error: '!',
};

function buttons(view: MachinesView, shown: readonly MachineRow[], last: number): readonly Button[] {
  const first = shown[0];
  const why = first === undefined ? [] : [whyButton(first.name, 'Why the first')];
  return view.next === undefined || view.total <= last ? why : [{ title: 'Next page', call: view.next }, ...why];
}
