import { evidenceWords, gapWords, judgementWords, moment, type TattooView } from '../../cards';
import {
  type EvidenceRow,
  type Judgement,
  type RecordedJudgement,
  type TattooVerdict,
  tattooFromTags,
  tattooVerdict,
} from '../../core/images';
import type { Evidence } from '../inventory';

type Finding = TattooView['findings'][number];

/** The card of where a machine came from, and what follows from it. */
export function presentTattoo(known: Evidence & { readonly canRead: boolean; readonly now: Date }): TattooView {
  const { machine, evidence, golden, tags, canRead, now } = known;
  const judgement = tattooVerdict(evidence);
  const tattoo = tags && tattooFromTags(tags);
  return {
    machine: machine.name,
    resourceId: machine.id,
    sources: judgement.evidence.map((row) => sourceOf(row, known)),
    fields: tattoo ? Object.entries(tattoo).map(([name, value]) => ({ name, value: String(value) })) : [],
    findings: [
      { mark: verdictMarks[judgement.verdict], text: `${capital(judgement.verdict)}: ${judgementWords(judgement)}` },
      ...forgedFindings(judgement),
      ...differing(judgement.evidence),
      ...checked(known),
      ...known.gaps.map((gap): Finding => ({ mark: 'skipped', text: gapWords(gap) })),
    ],
    ...(golden && { image: golden }),
    asOf: now,
    canRead,
  };
}

export const verdictMarks: Readonly<Record<TattooVerdict, Finding['mark']>> = {
  verified: 'done',
  'upgraded in place': 'done',
  reimaged: 'needs-person',
  rebranded: 'failed',
  forged: 'failed',
  unknown: 'skipped',
};

/** What cannot be compared is still shown. */
function sourceOf(row: EvidenceRow, { evidence, tags }: Evidence): TattooView['sources'][number] {
  const { source, mark } = row;
  const value = evidenceWords(row);
  const shown = { 'Operating system': evidence.osName !== undefined, 'Tags of the version': tags !== undefined };
  if (mark !== 'silent') return { name: source, value, ...(mark === 'differs' && { differs: true }) };
  if (source === 'Operating system' || source === 'Tags of the version')
    return shown[source] ? { name: source, value, remark: 'nothing to compare with' } : { name: source, remark: value };
  return { name: source, remark: value };
}

/** What of a forged version is not as it was, one by one. */
export function forgedFindings(judgement: Pick<Judgement, 'forged'> | RecordedJudgement): readonly Finding[] {
  const parts = 'forged' in judgement ? (judgement.forged?.parts ?? []) : [];
  return parts.slice(0, 4).map((part) => ({ mark: 'failed', text: `Changed: ${part}` }));
}

function differing(evidence: readonly EvidenceRow[]): readonly Finding[] {
  const named = evidence.filter(({ mark }) => mark === 'differs').map(({ source }) => source.toLowerCase());
  return named.length === 0 ? [] : [{ mark: 'needs-person', text: `Differs: ${named.join(', ')}.` }];
}

/** The check knows whether there is a tattoo, not what it says. */
function checked({ check, unchecked }: Evidence): readonly Finding[] {
  if (!check && !unchecked) return [];
  if (!check) return [{ mark: 'skipped', text: 'No guest configuration checks the tattoo inside.' }];
  const when = check.checkedAt ? ` on ${moment(check.checkedAt)}` : '';
  const found = {
    Compliant: { mark: 'done', text: `${check.name} found the tattoo inside in order${when}.` },
    NonCompliant: { mark: 'needs-person', text: `${check.name} is not content with the tattoo inside${when}.` },
    Pending: { mark: 'skipped', text: `${check.name} has not been able to look inside yet.` },
  } as const;
  return [found[check.status]];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
