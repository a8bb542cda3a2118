import { call } from '../core/command-call';
import { lines } from './parts/blocks';
import { type FindingsBlock, type FindingView, findingsBlock } from './parts/findings';
import { count, type Instant, list, moment } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/doctor.json';

export interface DoctorView {
  readonly findings: readonly FindingView[];
  /** What was looked at and is well, as in “goldbot could not see …”. */
  readonly fine: readonly string[];
  /** What can be looked at only once something that is missing is there. */
  readonly waiting: readonly string[];
  /** What no look can tell, in sentences. */
  readonly unknowable: readonly string[];
  readonly asOf: Instant;
}

/** What the doctor found, by how much it hurts; each with what mends it. */
export function doctorCard(view: DoctorView): Reply {
  const { findings } = view;
  return sheet(
    template,
    {
      title: headline(findings),
      subtitles: [healthWords(view)],
      buttons: [],
      next: [call('doctor')],
    },
    {
      findings: healthBlocks(findings),
      notes: lines(notesOf(view)),
    },
  );
}

/** The worst of it: what is broken hides what will hurt, and that what nobody could look at. */
function headline(findings: readonly FindingView[]): string {
  const of = (severity: FindingView['severity']) => findings.filter((one) => one.severity === severity).length;
  const [broken, hurts, unseen] = [of('stops'), of('warns'), of('unseen')];
  if (broken > 0) return `goldbot: ${count(broken, 'thing')} ${broken === 1 ? 'is' : 'are'} broken`;
  if (hurts > 0) return `goldbot works, but ${count(hurts, 'thing')} will cause trouble`;
  if (unseen > 0) return `goldbot works as far as it could look`;
  return 'goldbot works, and there is nothing to fix';
}

const headings: readonly (readonly [FindingView['severity'], string])[] = [
  ['stops', 'Broken'],
  ['warns', 'Works, but will cause trouble'],
  ['unseen', 'Not checked'],
];

/** By how much it hurts: what is broken, what will hurt, what could not be looked at. */
export function healthBlocks(findings: readonly FindingView[]): readonly FindingsBlock[] {
  return headings.flatMap(([severity, heading]) =>
    findingsBlock(
      heading,
      findings.filter((finding) => finding.severity === severity),
    ),
  );
}

/** `2 things broken · 1 that will hurt · 24 looked at and fine`. */
export function healthWords({ findings, fine }: Pick<DoctorView, 'findings' | 'fine'>): string {
  const of = (severity: FindingView['severity']) => findings.filter((one) => one.severity === severity).length;
  const [broken, hurts, unseen] = [of('stops'), of('warns'), of('unseen')];
  const parts = [
    broken === 0 ? '' : `${count(broken, 'thing')} broken`,
    hurts === 0 ? '' : `${hurts} that will cause trouble`,
    unseen === 0 ? '' : `${unseen} not checked`,
    `${fine.length} checked and fine`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function notesOf({ waiting, unknowable, asOf }: DoctorView): readonly string[] {
  return [
    waiting.length === 0 ? '' : `Checked once the above is fixed: ${list(waiting, 6)}.`,
    ...unknowable,
    `goldbot only looked; nothing was changed. As of ${moment(asOf)}`,
  ];
}
