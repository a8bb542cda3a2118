import {
  evidenceWords,
  gapWords,
  judgementWords,
  moment,
  type Reply,
  type TattooView,
  tattooCard,
  verifyCard,
} from '../../cards';
import { isOfMarketplace, sourceWords } from '../../core/build-source';
import { portalPage } from '../../core/cloud';
import {
  type EvidenceRow,
  type Judgement,
  parseTattoo,
  type RecordedJudgement,
  type Tattoo,
  type TattooVerdict,
  tattooFromTags,
  tattooVerdict,
} from '../../core/images';
import { type ChangeRun, needsALookAfter, type TattooPlan } from '../../core/runs';
import type { Deps } from '../conversation';
import type { Evidence } from '../inventory';
import { failingRemark, type Shown } from './run';

type Finding = TattooView['findings'][number];

/** The card of where a machine came from, and what follows from it. */
export function presentTattoo(
  known: Evidence & { readonly canRead: boolean; readonly portal: string; readonly now: Date },
): TattooView {
  const { machine, evidence, golden, tags, canRead, portal, now } = known;
  const judgement = tattooVerdict(evidence);
  const tattoo = tags && tattooFromTags(tags);
  return {
    machine: machine.name,
    resourceId: machine.id,
    portal,
    verdict: judgement.verdict,
    sources: judgement.evidence.map(sourceOf),
    ...fieldsOf(tattoo),
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

/** Field by field; a parent besides in words, for its id means little to people. */
function fieldsOf(tattoo: Tattoo | undefined): Pick<TattooView, 'fields' | 'builtFrom'> {
  if (!tattoo) return { fields: [] };
  const fields = Object.entries(tattoo).map(([name, value]) => ({ name, value: String(value) }));
  return { fields, ...(!isOfMarketplace(tattoo.source) && { builtFrom: sourceWords(tattoo.source) }) };
}

const verdictMarks: Readonly<Record<TattooVerdict, Finding['mark']>> = {
  verified: 'done',
  'upgraded in place': 'done',
  reimaged: 'needs-person',
  rebranded: 'failed',
  forged: 'failed',
  unknown: 'skipped',
};

/** What cannot be compared is still shown: a source says nothing only when it knows nothing. */
function sourceOf(row: EvidenceRow | RecordedJudgement['evidence'][number]): TattooView['sources'][number] {
  const { source, mark } = row;
  const value = evidenceWords(row);
  if (mark !== 'silent') return { name: source, value, ...(mark === 'differs' && { differs: true }) };
  if ('value' in row || !knows(row)) return { name: source, remark: value };
  return { name: source, value, remark: 'nothing to compare with' };
}

function knows(row: EvidenceRow): boolean {
  switch (row.source) {
    case 'Image reference':
    case 'OS disk':
      return row.origin !== undefined;
    case 'Guest':
      return row.inside !== undefined;
    case 'Operating system':
      return row.runs !== '';
    case 'Tags of the version':
      return row.hash !== undefined;
  }
}

/** What of a forged version is not as it was, one by one. */
function forgedFindings(judgement: Pick<Judgement, 'forged'> | RecordedJudgement): readonly Finding[] {
  const parts = 'forged' in judgement ? (judgement.forged?.parts ?? []) : [];
  return parts.slice(0, 4).map((part) => ({ mark: 'failed', text: `Not as tested: ${part}` }));
}

function differing(evidence: readonly Pick<EvidenceRow, 'mark' | 'source'>[]): readonly Finding[] {
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

/** The card of a reading taken inside a machine, from its row alone. */
export function presentReading(run: ChangeRun, plan: TattooPlan, { now }: Shown): Reply {
  if (plan.verify) return presentVerified(run, plan, now);
  const { judgement, guest } = run.data;
  const tattoo = guest && parseTattoo(guest.output);
  return tattooCard({
    machine: plan.target,
    resourceId: plan.machineId,
    ...(judgement && { verdict: judgement.verdict }),
    sources: (judgement?.evidence ?? []).map(sourceOf),
    ...fieldsOf(tattoo ?? undefined),
    findings: findingsOf(run),
    ...originOf(run, tattoo),
    asOf: run.endedAt ?? now,
  });
}

/** The same, held against the certificate of the machine's version. */
function presentVerified(run: ChangeRun, { target }: TattooPlan, now: Date): Reply {
  const { verified } = run.data;
  const asOf = run.endedAt ?? now;
  if (verified) return verifyCard({ ...verified, about: target, fresh: { machine: target }, asOf });
  const [{ text: because } = { text: '' }] = findingsOf(run);
  return verifyCard({ about: target, verdict: 'unknown', because, checks: [], asOf });
}

/** By the tattoo inside, or else by what it was made from; until somebody has looked, nothing is said of it. */
function originOf(
  { data: { judgement }, outcome }: ChangeRun,
  tattoo: Tattoo | undefined,
): Pick<TattooView, 'image' | 'unread'> {
  if (tattoo) return { image: { image: tattoo.image, version: tattoo.version } };
  if (!judgement) return { unread: outcome ? 'the inside was not read' : 'the inside is being read' };
  const made = 'made' in judgement ? judgement.made : undefined;
  return made && 'image' in made ? { image: made } : {};
}

function findingsOf(run: ChangeRun): readonly Finding[] {
  const { data, outcome, id, tries } = run;
  const { judgement, ending, progress } = data;
  if (judgement)
    return [
      { mark: verdictMarks[judgement.verdict], text: judgementWords(judgement) },
      ...forgedFindings(judgement),
      ...differing(judgement.evidence),
      ...commandLeft(data),
    ];
  if (outcome) return [{ mark: 'failed', text: `It was not read: ${ending?.why ?? 'no reason is known'}` }];
  if (tries >= needsALookAfter) return [{ mark: 'failed', text: failingRemark(run) }];
  return [{ mark: 'skipped', text: `Reading inside of the machine (${id}): ${progress ?? 'about to ask it'}.` }];
}

function commandLeft({ commandLeft: name }: ChangeRun['data']): readonly Finding[] {
  if (name === undefined) return [];
  const text = `Azure did not remove the run command ${name} from the machine: delete it there.`;
  return [{ mark: 'needs-person', text }];
}

/** A resource in Azure's portal. Where people of several tenants ask, nobody knows whose Azure it is. */
export function portalOf(id: string, { tenants, catalogue }: Pick<Deps, 'tenants' | 'catalogue'>): string {
  const [tenant, ...others] = tenants;
  return portalPage(catalogue().azure.location, id, others.length === 0 ? tenant : undefined);
}
