import type { MachineRow } from '../../cards';
import type { GuestStatus, Lineage, Machine, PolicyState } from '../../core/compliance';
import { type GoldenGallery, lineageOf } from '../../core/images';

/** How policy states are typed. */
export const stateWords = [
  'compliant',
  'not-compliant',
  'not-evaluated',
  'exempt',
  'conflict',
  'unknown',
  'error',
] as const;

const states: Readonly<Record<(typeof stateWords)[number], PolicyState | undefined>> = {
  compliant: 'Compliant',
  'not-compliant': 'NonCompliant',
  'not-evaluated': undefined,
  exempt: 'Exempt',
  conflict: 'Conflict',
  unknown: 'Unknown',
  error: 'Error',
};

/** Undefined: Azure Policy never evaluated it. */
export function policyState(word: (typeof stateWords)[number]): PolicyState | undefined {
  return states[word];
}

/** How statuses of guest configuration are typed; `none`: without any check. */
export const guestWords = ['compliant', 'not-compliant', 'pending', 'none'] as const;

const statuses: Readonly<Record<(typeof guestWords)[number], GuestStatus | undefined>> = {
  compliant: 'Compliant',
  'not-compliant': 'NonCompliant',
  pending: 'Pending',
  none: undefined,
};

export function guestStatus(word: (typeof guestWords)[number]): GuestStatus | undefined {
  return statuses[word];
}

/** How machines stand to golden images, as it is typed; `behind` is one version and more, `not-golden` any other source. */
export const lineageSets = [
  'latest',
  'behind',
  'one-behind',
  'far-behind',
  'past-end',
  'not-golden',
  'marketplace',
  'other-gallery',
  'unknown',
] as const;

const sets: Readonly<Record<(typeof lineageSets)[number], readonly Lineage[]>> = {
  latest: ['latest'],
  behind: ['behind', 'farBehind'],
  'one-behind': ['behind'],
  'far-behind': ['farBehind'],
  'past-end': ['pastEnd'],
  'not-golden': ['marketplace', 'otherGallery'],
  marketplace: ['marketplace'],
  'other-gallery': ['otherGallery'],
  unknown: ['unknown'],
};

export function lineagesOf(word: (typeof lineageSets)[number]): readonly Lineage[] {
  return sets[word];
}

/** What a row says of a machine beside its state. */
export function rowOf(machine: Machine, gallery: GoldenGallery, now: Date): MachineRow {
  const { image, lineage } = lineageOf(machine, gallery, now);
  const shown = image === undefined ? machine.source : `${image} ${machine.version}`.trim();
  return {
    name: machine.name,
    resourceGroup: machine.resourceGroup,
    type: machine.type,
    ...(shown !== '' && { image: shown }),
    lineage,
    model: machine.model ?? 'undecided',
  };
}
