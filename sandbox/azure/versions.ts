/** The api-versions that this ARM knows, by the part of the path that decides; each list ends with the newest. */
const supported: readonly (readonly [path: string, versions: readonly string[]])[] = [
  ['/providers/microsoft.guestconfiguration/', ['2020-06-25', '2022-01-25', '2024-04-05']],
  [
    '/providers/microsoft.compute/galleries',
    ['2021-10-01', '2022-03-03', '2022-08-03', '2023-07-03', '2024-03-03', '2025-03-03', '2025-12-03'],
  ],
  [
    '/capsoperations/',
    ['2021-10-01', '2022-03-03', '2022-08-03', '2023-07-03', '2024-03-03', '2025-03-03', '2025-12-03'],
  ],
  [
    '/sharedgalleries',
    ['2022-01-03', '2022-03-03', '2022-08-03', '2023-07-03', '2024-03-03', '2025-03-03', '2025-12-03'],
  ],
  ['/communitygalleries', ['2022-03-03', '2022-08-03', '2023-07-03', '2024-03-03', '2025-03-03', '2025-12-03']],
  ['/providers/microsoft.compute/skus', ['2019-04-01', '2021-07-01']],
  ['/lifecyclehookevents', ['2025-11-01', '2026-03-01', '2026-04-01']],
  ['/providers/microsoft.compute/disks', ['2023-10-02', '2024-03-02', '2025-01-02', '2026-03-02']],
  [
    '/providers/microsoft.compute/',
    [
      '2022-11-01',
      '2023-09-01',
      '2024-03-01',
      '2024-07-01',
      '2024-11-01',
      '2025-04-01',
      '2025-11-01',
      '2026-03-01',
      '2026-04-01',
    ],
  ],
  [
    '/providers/microsoft.virtualmachineimages/',
    ['2022-02-14', '2022-07-01', '2023-07-01', '2024-02-01', '2025-10-01'],
  ],
  ['/providers/microsoft.resourcegraph/', ['2021-03-01', '2022-10-01', '2024-04-01']],
  [
    '/providers/microsoft.authorization/policyexemptions',
    ['2020-07-01-preview', '2022-07-01-preview', '2024-12-01-preview'],
  ],
  [
    '/providers/microsoft.authorization/policy',
    ['2021-06-01', '2023-04-01', '2024-05-01', '2025-01-01', '2025-03-01', '2025-11-01', '2026-06-01', '2026-07-01'],
  ],
  [
    '/providers/microsoft.resources/tags/',
    ['2019-10-01', '2020-06-01', '2021-04-01', '2022-09-01', '2024-03-01', '2025-04-01'],
  ],
  ['/providers/microsoft.policyinsights/attestations', ['2021-01-01', '2022-09-01', '2024-10-01']],
  [
    '/providers/microsoft.policyinsights/checkpolicyrestrictions',
    ['2020-07-01', '2022-03-01', '2023-03-01', '2024-10-01'],
  ],
  [
    '/providers/microsoft.policyinsights/',
    ['2018-07-01-preview', '2019-07-01', '2019-10-01', '2021-10-01', '2024-10-01'],
  ],
  [
    '/providers/microsoft.authorization/roleassignmentschedule',
    ['2020-10-01', '2020-10-01-preview', '2022-04-01-preview', '2024-09-01-preview'],
  ],
  ['/providers/microsoft.authorization/permissions', ['2015-07-01', '2018-07-01', '2022-04-01']],
  ['/providers/microsoft.authorization/role', ['2018-01-01-preview', '2020-10-01-preview', '2022-04-01']],
];

/** What a route accepts; undefined when any well-formed version will do. */
export function supportedVersions(path: string): readonly string[] | undefined {
  const lower = path.toLowerCase();
  return supported.find(([part]) => lower.includes(part))?.[1];
}
