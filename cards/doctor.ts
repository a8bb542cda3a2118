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
  if (hurts > 0) return `goldbot works, and ${count(hurts, 'thing')} will hurt`;
  if (unseen > 0) return `goldbot works as far as it could look`;
  return 'goldbot works, and there is nothing to mend';
}

const headings: readonly (readonly [FindingView['severity'], string])[] = [
  ['stops', 'Broken'],
  ['warns', 'Works, and will hurt'],
  ['unseen', 'Not looked at'],
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
    hurts === 0 ? '' : `${hurts} that will hurt`,
    unseen === 0 ? '' : `${unseen} not looked at`,
    `${fine.length} looked at and fine`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function notesOf({ waiting, unknowable, asOf }: DoctorView): readonly string[] {
  return [
    waiting.length === 0 ? '' : `Looked at once the above is mended: ${list(waiting, 6)}.`,
    ...unknowable,
    `goldbot only looked; nothing was changed. As of ${moment(asOf)}`,
  ];
}
