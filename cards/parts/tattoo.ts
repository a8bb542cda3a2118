import { sourceWords } from '../../core/build-source';
import type { EvidenceRow, GoldenVersion, Judgement, OriginName, RecordedJudgement, Unread } from '../../core/images';
import { comparable, moment } from './format';

/** What people call the fields of a tattoo. */
const fieldNames: Readonly<Record<string, string>> = {
  schema: 'Format',
  image: 'Image',
  version: 'Version',
  source: 'Built from',
  os: 'System',
  built: 'Built',
  run: 'Run',
  recipe: 'Recipe',
  'tattoo-sha256': 'Fingerprint',
};

export function fieldName(name: string): string {
  return fieldNames[name] ?? name;
}

/** What a field says to people; where it is held against another, it stands as it was written. */
export function fieldWords(name: string, value: string): string {
  if (name === 'built' && Number.isFinite(Date.parse(value))) return moment(value);
  return comparable(name === 'source' ? sourceWords(value) : value);
}

/** Why the verdict is what it is, as a sentence. */
export function judgementWords(judgement: Judgement | RecordedJudgement): string {
  if ('sentence' in judgement) return judgement.sentence;
  const made = originWords(judgement.made);
  const inside = judgement.inside ? versionWords(judgement.inside) : '';
  const { expected = '' } = judgement;
  switch (judgement.because) {
    case 'forged version':
      return forgedSentence(judgement);
    case 'forged':
      return `The tattoo inside says ${inside}, but it is not the one that goldbot wrote for that version.`;
    case 'other tattoo':
      return `It was made from ${made}, but the tattoo inside says ${inside}.`;
    case 'other system':
      return `It was made from ${made} with ${expected}, but another system runs inside.`;
    case 'other disk':
      return `The machine names ${originWords(judgement.reference)}, but its OS disk was made from ${made}.`;
    case 'newer version':
      return `It was made from ${made} and upgraded in place to ${inside}: no drift.`;
    case 'newer system':
      return `It was made with ${expected} and its system was upgraded in place: no drift.`;
    case 'all agree':
      return `It is ${made}: image reference and tattoo agree with what goldbot wrote.`;
    case 'unproven':
      return `The tattoo inside says ${inside}, but no tattoo of it is known in the gallery to compare with.`;
    case 'unread':
      return unreadSentence(judgement);
  }
}

function forgedSentence({ forged }: Judgement): string {
  if (!forged) return 'The version in the gallery is not the one that goldbot built.';
  const what = `The ${versionWords(forged)} in the gallery is not the one that goldbot built and tested`;
  return `${what}; nothing proves what this machine is.`;
}

function unreadSentence({ made, unread }: Judgement): string {
  const why = unread ? unreadWords(unread) : '';
  if (unread?.why === 'not allowed')
    return `By image reference, disk and tags it was made from ${originWords(made)}, but ${why}.`;
  if ('image' in made) return `It cannot be checked: ${why}.`;
  return `It was made from ${originWords(made)}, which is not a golden image, and ${why}.`;
}

/** What one source says, or why it says nothing. */
export function evidenceWords(row: EvidenceRow | RecordedJudgement['evidence'][number]): string {
  if ('value' in row) return row.value;
  switch (row.source) {
    case 'Image reference':
    case 'OS disk':
      return row.origin ? originWords(row.origin) : 'Azure does not say what the disk was made from';
    case 'Guest':
      return row.inside ? versionWords(row.inside) : row.unread ? unreadWords(row.unread) : '';
    case 'Operating system':
      if (row.runs === '') return 'the machine does not report it';
      return row.expected === undefined ? row.runs : `${row.runs}; made as ${row.expected}`;
    case 'Tags of the version':
      return row.hash ?? 'no tattoo of it is known in the gallery';
  }
}

export function unreadWords(unread: Unread): string {
  switch (unread.why) {
    case 'no tattoo':
      return 'there is no tattoo inside';
    case 'unreadable':
      return 'the tattoo inside cannot be read';
    case 'not read':
      return `its guest was not read (tattoo ${unread.machine} --fresh reads it)`;
    case 'not allowed':
      return `nobody looked inside: goldbot's identity lacks the role ${unread.role} there (docs/roles.md)`;
    case 'script failed': {
      const said = unread.said === '' ? '' : `: ${unread.said}`;
      return `the machine could not read it (exit code ${unread.exitCode}${said})`;
    }
    case 'guest configuration':
      return `guest configuration says: ${unread.said.replace(/[.\s]+$/, '')}`;
  }
}

function originWords(origin: OriginName): string {
  if ('image' in origin) return versionWords(origin);
  if ('otherGallery' in origin) return `${origin.otherGallery} ${origin.version} of another gallery`;
  return origin.reference === '' ? 'an unknown image' : origin.reference;
}

function versionWords({ image, version }: GoldenVersion): string {
  return `${image} ${version}`;
}
