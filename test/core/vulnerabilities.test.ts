import { parseCatalogue } from '../../core/catalogue';
import {
  type Contents,
  compareFindings,
  findingsIn,
  findVulnerability,
  type Package,
  readVulnerabilities,
  vulnerabilityFormat,
  vulnerabilityList,
  vulnerabilitySummary,
} from '../../core/contents';
import { exampleFiles } from '../support/catalogue';

const deb = (name: string, version: string, source?: string): Package => ({
  ...{ type: 'deb', name, version, architecture: 'amd64' },
  ...(source && { source: { name: source, version } }),
});
const rpm = (name: string, version: string): Package => ({ type: 'rpm', name, version, architecture: 'x86_64' });
const ubuntu = { id: 'ubuntu', name: 'Ubuntu', version: '22.04' };
const alma = { id: 'almalinux', name: 'AlmaLinux', version: '9.4' };
const inside = (os: Contents['os'], ...packages: readonly Package[]): Contents => ({ os, packages });

function listOf(...contents: readonly object[]) {
  const read = contents.map((content) => {
    const kind = vulnerabilityFormat(content);
    const found = kind && readVulnerabilities(kind, content);
    if (!found) throw new Error(`cannot read ${JSON.stringify(content)}`);
    return found;
  });
  return vulnerabilityList(
    read.flatMap(({ claims }) => claims),
    read.flatMap(({ days }) => days),
  );
}

type Events = readonly Readonly<Record<string, string>>[];
const record = (ecosystem: string, name: string, events: Events, more: object = {}) => ({
  ...{ id: 'UBUNTU-CVE-2026-0001', upstream: ['CVE-2026-0001'], modified: '2026-11-12T09:00:00Z' },
  affected: [{ package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events }] }],
  ...more,
});
const fixedIn = (version: string): Events => [{ introduced: '0' }, { fixed: version }];

describe('a list of vulnerabilities in the format of OSV', () => {
  const openssl = record('Ubuntu:22.04:LTS', 'openssl', fixedIn('3.0.2-0ubuntu1.18'));
  const has = (contents: Contents, ...records: readonly object[]) => [
    ...findingsIn(contents, listOf(...records)).keys(),
  ];

  it.each([
    ['what is older than the fix', inside(ubuntu, deb('openssl', '3.0.2-0ubuntu1.15')), true],
    ['the fix', inside(ubuntu, deb('openssl', '3.0.2-0ubuntu1.18')), false],
    ['what is newer', inside(ubuntu, deb('openssl', '3.0.2-0ubuntu1.20')), false],
    ['what is built from that source', inside(ubuntu, deb('libssl3', '3.0.2-0ubuntu1.15', 'openssl')), true],
    [
      'a package of that name that another source makes',
      inside(ubuntu, deb('openssl', '3.0.2-0ubuntu1.15', 'other')),
      false,
    ],
    ['another package', inside(ubuntu, deb('curl', '1')), false],
    ['another release', inside({ ...ubuntu, version: '24.04' }, deb('openssl', '3.0.2-0ubuntu1.15')), false],
    ['another distribution', inside({ ...ubuntu, id: 'debian' }, deb('openssl', '3.0.2-0ubuntu1.15')), false],
  ])('marks by the version of the source: %s', (_, contents, marked) => {
    expect(has(contents, openssl)).toEqual(marked ? ['CVE-2026-0001'] : []);
  });

  it.each([
    ['AlmaLinux:9', '0:3.0.7-27.el9', true],
    ['AlmaLinux:8', '0:3.0.7-27.el9', false],
    ['AlmaLinux', '0:3.0.7-27.el9', true],
    ['AlmaLinux:9', '1:3.0.7-27.el9', false],
    ['AlmaLinux:9', '1:3.0.7-24.el9', true],
  ])('marks packages of rpm by their own name, with epochs: %s, %s', (ecosystem, version, marked) => {
    const one = record(ecosystem, 'openssl-libs', fixedIn('1:3.0.7-25.el9'), { id: 'ALSA-1', upstream: [] });
    expect(has(inside(alma, rpm('openssl-libs', version)), one)).toEqual(marked ? ['ALSA-1'] : []);
  });

  it.each<[string, Events, readonly [version: string, marked: boolean][]]>([
    [
      'from a version on',
      [{ introduced: '2' }],
      [
        ['1.9', false],
        ['2', true],
        ['9', true],
      ],
    ],
    [
      'up to the last affected',
      [{ introduced: '0' }, { last_affected: '2' }],
      [
        ['2', true],
        ['2.1', false],
      ],
    ],
    [
      'twice',
      [{ introduced: '0' }, { fixed: '2' }, { introduced: '3' }, { fixed: '4' }],
      [
        ['1', true],
        ['2', false],
        ['3', true],
        ['4', false],
      ],
    ],
  ])('reads ranges: %s', (_, events, versions) => {
    const list = listOf(record('Ubuntu:22.04:LTS', 'a', events));
    const marks = versions.map(([version]) => [
      version,
      findingsIn(inside(ubuntu, deb('a', version)), list).size === 1,
    ]);
    expect(marks).toEqual(versions);
  });

  it('reads versions one by one, lists, answers of queries; nothing that was withdrawn or is about source code', () => {
    const package_ = { ecosystem: 'Ubuntu', name: 'a' };
    const one = { id: 'X-1', affected: [{ package: package_, versions: ['1', '2'] }] };
    expect(has(inside(ubuntu, deb('a', '2')), one)).toEqual(['X-1']);
    expect(has(inside(ubuntu, deb('a', '3')), one)).toEqual([]);
    expect(has(inside(ubuntu, deb('a', '2')), [one, { ...one, id: 'X-2' }])).toEqual(['X-1', 'X-2']);
    expect(has(inside(ubuntu, deb('a', '2')), { vulns: [one] })).toEqual(['X-1']);
    expect(has(inside(ubuntu, deb('a', '2')), { ...one, withdrawn: '2026-11-01T00:00:00Z' })).toEqual([]);
    const commits = {
      id: 'X-3',
      affected: [{ package: package_, ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] }],
    };
    expect(has(inside(ubuntu, deb('a', '2')), commits)).toEqual([]);
  });

  it('calls a record by its own id when it is about several CVEs', () => {
    const usn = record('Ubuntu:22.04:LTS', 'a', fixedIn('2'), { id: 'USN-1', upstream: ['CVE-2026-1', 'CVE-2026-2'] });
    expect(has(inside(ubuntu, deb('a', '1')), usn)).toEqual(['USN-1']);
  });
});

describe('statements of a vendor or of the user', () => {
  const osv = record('Ubuntu:22.04:LTS', 'openssl', fixedIn('3.0.2-18'));
  const purl = 'pkg:deb/ubuntu/openssl@3.0.2-15?arch=amd64&distro=ubuntu-22.04';
  const openVex = (status: string, product: unknown) => ({
    ...{ '@context': 'https://openvex.dev/ns/v0.2.0', timestamp: '2026-11-20T00:00:00Z' },
    statements: [{ vulnerability: { name: 'CVE-2026-0001' }, status, products: [product] }],
  });
  const cycloneDx = (state: string | undefined, affects: object, components: readonly object[] = []) => ({
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', components },
    vulnerabilities: [{ id: 'CVE-2026-0001', ...(state && { analysis: { state } }), affects: [affects] }],
  });
  const marked = (...contents: readonly object[]) =>
    findingsIn(inside(ubuntu, deb('openssl', '3.0.2-15')), listOf(...contents)).size === 1;

  it.each<[string, boolean, object]>([
    ['OpenVEX: not affected', false, openVex('not_affected', { '@id': purl })],
    ['OpenVEX: fixed', false, openVex('fixed', purl)],
    ['OpenVEX: being looked into', true, openVex('under_investigation', { '@id': purl })],
    [
      'OpenVEX: a part of an image',
      false,
      openVex('not_affected', { '@id': 'ubuntu-22', subcomponents: [{ '@id': purl }] }),
    ],
    ['OpenVEX: by its identifier', false, openVex('not_affected', { '@id': 'x', identifiers: { purl } })],
    ['OpenVEX: of another version', true, openVex('not_affected', 'pkg:deb/ubuntu/openssl@3.0.2-14')],
    ['OpenVEX: of every version', false, openVex('not_affected', 'pkg:deb/ubuntu/openssl')],
    ['OpenVEX: of another architecture', true, openVex('not_affected', 'pkg:deb/ubuntu/openssl?arch=arm64')],
    ['OpenVEX: of another distribution', true, openVex('not_affected', 'pkg:deb/debian/openssl')],
    ['OpenVEX: of another release', true, openVex('not_affected', 'pkg:deb/ubuntu/openssl?distro=ubuntu-24.04')],
    ['OpenVEX: of an rpm', true, openVex('not_affected', 'pkg:rpm/ubuntu/openssl')],
    ['CycloneDX: not affected', false, cycloneDx('not_affected', { ref: purl })],
    [
      'CycloneDX: resolved, by the reference of a component',
      false,
      cycloneDx('resolved', { ref: 'c1' }, [{ 'bom-ref': 'c1', purl }]),
    ],
    ['CycloneDX: in triage', true, cycloneDx('in_triage', { ref: purl })],
    [
      'CycloneDX: a version that is not',
      false,
      cycloneDx(undefined, {
        ref: 'pkg:deb/ubuntu/openssl',
        versions: [{ version: '3.0.2-15', status: 'unaffected' }],
      }),
    ],
    ['none at all', true, openVex('not_affected', 'pkg:deb/%')],
  ])('outweigh OSV: %s', (_, expected, statement) => {
    expect(marked(osv, statement)).toBe(expected);
  });

  it('mark what nobody else does', () => {
    expect(marked(openVex('affected', purl))).toBe(true);
    expect(marked(cycloneDx('exploitable', { ref: purl }))).toBe(true);
    expect(marked(cycloneDx(undefined, { ref: purl }))).toBe(true);
  });
});

describe('two versions and one list', () => {
  const list = listOf([
    record('Ubuntu', 'a', fixedIn('2'), { id: 'A', upstream: [] }),
    record('Ubuntu', 'b', fixedIn('2'), { id: 'B', upstream: [] }),
    record('Ubuntu', 'c', [{ introduced: '2' }], { id: 'C', upstream: [], modified: '2026-11-14T00:00:00Z' }),
  ]);
  const [before, after] = [
    inside(ubuntu, deb('a', '1'), deb('b', '1'), deb('c', '1')),
    inside(ubuntu, deb('a', '2'), deb('b', '1'), deb('c', '2')),
  ];

  it('tell what is fixed, brought and left, and of which day the list is', () => {
    expect(compareFindings(findingsIn(before, list), findingsIn(after, list))).toEqual({
      ...{ fixed: ['A'], brought: ['C'], remaining: ['B'] },
    });
    expect(vulnerabilitySummary(before, after, list)).toEqual({
      ...{ fixed: 1, brought: 1, remaining: 1, top: ['C'], asOf: '2026-11-14T00:00:00Z' },
    });
    expect(list.size).toBe(3);
  });

  it('find a vulnerability by its id in any case, and the packages that it is about', () => {
    expect(findVulnerability('c', list)).toEqual({ id: 'C', packages: ['c'] });
    expect(findVulnerability('d', list)).toBeUndefined();
  });
});

describe('the files in vulnerabilities/', () => {
  const path = 'vulnerabilities/list.json';
  const parsed = (text: string, name = path) => parseCatalogue([...exampleFiles(), { path: name, text }]);
  const problems = (text: string) => {
    const found = parsed(text);
    return found.ok ? [] : found.problems;
  };

  it('are read with the catalogue, which has no list without them', () => {
    const found = parsed(JSON.stringify([record('Ubuntu', 'a', fixedIn('2'))]));
    expect(found.ok && found.catalogue.vulnerabilities?.size).toBe(1);
    const none = parseCatalogue(exampleFiles());
    expect(none.ok && 'vulnerabilities' in none.catalogue).toBe(false);
    // Templates of images are JSON too.
    const other = parsed('{}', 'templates/a.json');
    expect(other.ok && 'vulnerabilities' in other.catalogue).toBe(false);
  });

  it.each([
    ['[\n  {"id": "X",\n  "affected": [}\n]', 3, /^is not valid JSON: /],
    ['[{"id": "X"', 1, /^is not valid JSON: /],
    ['{\n"a": 1}', 1, /^is neither OSV, OpenVEX nor CycloneDX with vulnerabilities$/],
    ['[\n{"affected": []},\n{\n"id": 5, "affected": []}\n]', 2, /^0\.id: is missing$/],
    [
      '{"@context": "x", "statements": [\n{"vulnerability": "CVE-1",\n"status": "maybe"}]}',
      3,
      /must be one of not_affected, affected/,
    ],
    ['[{"id": "X",\n"modified": "yesterday", "affected": []}]', 2, /^0\.modified: must be a moment like/],
  ])('tell each mistake with its line: %j', (text, line, message) => {
    expect(problems(text)[0]).toEqual({ file: path, line, message: expect.stringMatching(message) });
  });

  it('tell all mistakes of all files, and at most twenty of one', () => {
    const wrong = JSON.stringify(Array.from({ length: 50 }, () => ({ affected: [] })));
    expect(problems(wrong)).toHaveLength(20);
    expect(problems('[{"id": 1, "affected": []}, {"id": 2, "affected": []}]')).toHaveLength(2);
  });

  it('may be big: 20,000 records, or a mistake among 20,000', () => {
    const many = Array.from({ length: 20_000 }, (_, i) =>
      record('Ubuntu:22.04:LTS', `p${i}`, fixedIn('2'), { id: `X-${i}`, upstream: [], summary: 'x'.repeat(60) }),
    );
    const found = parsed(JSON.stringify(many));
    expect(found.ok && found.catalogue.vulnerabilities?.size).toBe(20_000);
    expect(problems(JSON.stringify([...many, { affected: [] }]))).toEqual([
      { file: path, line: 1, message: '20000.id: is missing' },
    ]);
  });
});
