import { type Difference, differenceText } from '../../core/images';
import { type Check, unanswered, type Verification, type Verified } from '../../core/provenance';
import { unreadWords } from './tattoo';

/** What `verify` says of a certificate, in words. The three that are not `verified` mean three different things. */

/** What each check holds against what. */
const names: Readonly<Record<Check['name'], string>> = {
  statement: 'Statement',
  key: 'Key',
  tag: 'Tags of the version',
  source: 'Source and disks',
  'plan hash': 'Plan hash',
  tests: 'Tests',
  decider: 'Deciders',
  packages: 'Packages',
  machine: 'Machine',
  'guest file': 'Guest file',
  'guest registry': 'Guest registry',
};

const agreement: Readonly<Record<Check['name'], string>> = {
  statement: 'whole, and the one that the version names',
  key: 'signed by a key of this goldbot',
  tag: 'as they were certified',
  source: 'the same object that was tested',
  'plan hash': 'the plan that was approved',
  tests: 'as goldbot recorded them',
  decider: 'as goldbot recorded them',
  packages: 'the list that was read in the test',
  machine: 'made from this version',
  'guest file': 'the tattoo inside is the one that was certified',
  'guest registry': 'the tattoo inside is the one that was certified',
};

export function checkName({ name }: Check): string {
  return names[name];
}

/** What came of one check, as a clause. */
export function checkWords(check: Check): string {
  if (check.state === 'agrees') return agreement[check.name];
  if (check.state === 'differs') return check.differences.map(shown).join('; ');
  const { why } = check;
  if (typeof why === 'object') {
    const { unread } = why;
    return unread.why === 'not read'
      ? `nobody has read it (verify ${unread.machine} --fresh does)`
      : unreadWords(unread);
  }
  switch (why) {
    case 'not signed':
      return 'nobody has signed the statement';
    case 'not trusted':
      return 'signed by a key that was not given';
    case 'no such version':
      return 'the gallery has no such version';
    case 'no record':
      return 'goldbot has no record of the run';
    case 'no list':
      return 'no list was certified';
  }
}

function shown(difference: Difference): string {
  return differenceText(difference);
}

/** The verdict as a sentence that says what follows from it. */
export function verdictWords({ verdict, checks }: Verification): string {
  switch (verdict) {
    case 'verified':
      return 'Version, tags, records and statement agree, and the signature is good.';
    case 'tampered':
      return `Not as it was certified: ${differing(checks).join(', ')}. Trust nothing that was made from it until somebody has explained this.`;
    case 'unsigned':
      return 'All that was compared agrees, but no key has signed the statement: whoever may write to the database could have written it.';
    case 'unknown':
      return `It cannot be verified: ${unanswered(checks).join(', ')} could not be compared.`;
  }
}

function differing(checks: readonly Check[]): readonly Check['name'][] {
  return checks.flatMap(({ state, name }) => (state === 'differs' ? [name] : []));
}

export const verdictBadges: Readonly<Record<Verified, string>> = {
  verified: '✓ Verified',
  tampered: '✗ Tampered',
  unsigned: '! Unsigned',
  unknown: '– Unknown',
};
