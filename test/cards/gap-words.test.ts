import { gapWords } from '../../cards';
import type { Gap } from '../../core/compliance';

/** What is missing, word for word: a figure that is missing must not look like a good one. */
const scopes = { total: 2, first: [{ resourceGroup: 'rg-a' }, { resourceGroup: 'rg-b' }] };
const many = { total: 1, first: [{ resourceGroup: 'rg-a' }] };
const failed = (figure: string, more: object = {}) => ({
  figure,
  reason: 'failed',
  message: 'Azure is silent.',
  ...more,
});

it.each<[object, string]>([
  [
    failed('management groups'),
    'Management groups are missing, so a team that is mapped by one may look empty: Azure is silent.',
  ],
  [failed('scale set instances'), 'Instance counts by scale set are missing: Azure is silent.'],
  [failed('neighbours'), 'Neighbouring machines are missing: Azure is silent.'],
  [failed('base', { image: 'ubuntu-22' }), 'The outlook for the base of ubuntu-22 is missing: Azure is silent.'],
  [
    { figure: 'versions', reason: 'partial', shortfalls: [{ reason: 'lists', machines: 1 }] },
    'Golden versions: Azure cut its lists short: 1 machine is missing from the figures. Machines may be further behind than is shown.',
  ],
  [
    { figure: 'guest', reason: 'partial', shortfalls: [{ reason: 'rows', read: 10, total: 12 }] },
    'Guest configuration: Azure returned 10 of 12 rows; the rest are not counted. Fewer machines are without a check than is shown.',
  ],
  [
    { figure: 'policy', reason: 'too many to join', machines: 3, scopes },
    'Policy states and guest configuration of 3 machines cannot be attributed: rg-a and rg-b also hold machines of other teams or of none, and there are too many in all to read one by one.',
  ],
  [
    { figure: 'policy', reason: 'none counted', machines: 2, scopes: many },
    'Azure Policy has states for 2 machines in rg-a, where none are counted: deleted since, or hidden from goldbot.',
  ],
  [
    { figure: 'guest', reason: 'not among the counted', machines: 2, scopes: many },
    'Guest configuration has results for 2 machines in rg-a that are not among those counted there: deleted since, scale set instances, or hidden from goldbot.',
  ],
  [
    { figure: 'policy', reason: 'gone', names: ['vm-1', 'vm-2'] },
    'Deleted since they were evaluated, or hidden from goldbot: vm-1, vm-2.',
  ],
  [
    { figure: 'scale set instances', reason: 'not read', first: 10, total: 12 },
    'Instances by scale set are counted among the first 10 of 12 machines in scale sets.',
  ],
  [
    { figure: 'machines', reason: 'not read', first: 10, total: 12 },
    'Only the first 10 of 12 machines were looked at; narrow the question to see the rest.',
  ],
  [failed('single machines'), 'Machines in shared resource groups could not be read one by one: Azure is silent.'],
  [
    { figure: 'policy', reason: 'partial', shared: true, shortfalls: [{ reason: 'rows', read: 1, total: 2 }] },
    'In resource groups of several teams: policy states: Azure returned 1 of 2 rows; the rest are not counted.',
  ],
  [
    { figure: 'machines', reason: 'claimed twice', machines: 2, teams: ['web', 'data'] },
    '2 machines carry the tags of web and data at once: no team has them until one of the tags goes.',
  ],
  [
    { figure: 'machines', reason: 'claimed twice', machines: 1, teams: ['a', 'b', 'c', 'd', 'e'] },
    '1 machine carries the tags of a, b, c, d and 1 more at once: no team has it until one of the tags goes.',
  ],
  [
    { figure: 'foreign images', reason: 'not kept', first: 100, total: 1_300 },
    'Of 1,300 images that are not golden, the first 100 were kept.',
  ],
  [
    { figure: 'exemptions', reason: 'shared', exemptions: 2 },
    '2 exemptions may concern another team: the machines are in resource groups of several teams.',
  ],
  [
    { figure: 'policy', reason: 'more than counted', machines: 9, counted: 4, scopes: many },
    'Azure Policy has states for 9 machines in rg-a, where only 4 VMs and Arc machines are counted: the others were deleted since, or are scale set instances.',
  ],
  ...(
    [
      [
        { reason: 'version unknown', version: '', machines: 2 },
        '2 machines run ubuntu-22, but Azure does not say which version.',
      ],
      [
        { reason: 'no versions', machines: 1 },
        '1 machine runs ubuntu-22 1.4.0, but the gallery lists no version of the image.',
      ],
      [
        { reason: 'version gone' },
        'It runs ubuntu-22 1.4.0, which is no longer in the gallery: its end of life is unknown.',
      ],
      [
        { reason: 'excluded' },
        'It runs ubuntu-22 1.4.0, which is excluded from latest, and nothing newer has been published.',
      ],
      [
        { reason: 'newer undated' },
        'It runs ubuntu-22 1.4.0, and the gallery does not say since when there has been a newer version.',
      ],
    ] as const
  ).map(([gap, words]): [object, string] => [
    { figure: 'origin', image: 'ubuntu-22', version: '1.4.0', ...gap },
    words,
  ]),
])('%j', (gap, words) => {
  expect(gapWords(gap as unknown as Gap)).toBe(words);
});
