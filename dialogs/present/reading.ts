import { type Reply, type TattooView, tattooCard } from '../../cards';
import { type EvidenceRow, parseTattoo, type TattooVerdict } from '../../core/images';
import { type ChangeRun, needsALookAfter, type TattooPlan } from '../../core/runs';
import type { Shown } from './stages';

/** The card of a reading inside of a machine, from its row alone. */
export function presentReading(run: ChangeRun, plan: TattooPlan, { now }: Shown): Reply {
  const { judgement, guest } = run.data;
  const tattoo = guest && parseTattoo(guest.output);
  return tattooCard({
    machine: plan.target,
    resourceId: plan.machineId,
    sources: (judgement?.evidence ?? []).map(({ source, value, mark }) =>
      mark === 'silent' ? { name: source, remark: value } : { name: source, value },
    ),
    fields: tattoo ? Object.entries(tattoo).map(([name, value]) => ({ name, value: String(value) })) : [],
    findings: findingsOf(run),
    ...(tattoo && { image: { image: tattoo.image, version: tattoo.version } }),
    asOf: run.endedAt ?? now,
  });
}

type Finding = TattooView['findings'][number];

const marks: Readonly<Record<TattooVerdict, Finding['mark']>> = {
  verified: 'done',
  'upgraded in place': 'done',
  reimaged: 'needs-person',
  rebranded: 'failed',
  unknown: 'skipped',
};

function findingsOf({ data, outcome, id, tries, lastError }: ChangeRun): Finding[] {
  const { judgement, ending, progress } = data;
  if (judgement)
    return [{ mark: marks[judgement.verdict], text: judgement.sentence }, ...differing(judgement.evidence)];
  if (outcome) return [{ mark: 'failed', text: `It was not read: ${ending?.why ?? 'no reason is known'}` }];
  if (tries >= needsALookAfter)
    return [{ mark: 'failed', text: `${lastError ?? 'It does not work out.'} goldbot keeps trying.` }];
  return [{ mark: 'skipped', text: `Reading inside of the machine (${id}): ${progress ?? 'about to ask it'}.` }];
}

function differing(evidence: readonly EvidenceRow[]): Finding[] {
  const named = evidence.filter(({ mark }) => mark === 'differs').map(({ source }) => source);
  return named.length === 0 ? [] : [{ mark: 'needs-person', text: `Differs: ${named.join(', ')}.` }];
}
