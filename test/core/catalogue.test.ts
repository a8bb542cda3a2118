import fc from 'fast-check';
import { type CatalogueFile, parseCatalogue } from '../../core/catalogue';
import { exampleFiles } from '../support/catalogue';
import { sized } from '../support/size';

function withChange(path: string, change: (text: string) => string): CatalogueFile[] {
  return exampleFiles().map((f) => (f.path === path ? { ...f, text: change(f.text) } : f));
}

function problemsOf(files: readonly CatalogueFile[]) {
  const parsed = parseCatalogue(files);
  return parsed.ok ? [] : parsed.problems;
}

function lineIn(path: string, what: string): number {
  const text = exampleFiles().find((f) => f.path === path)?.text ?? '';
  return text.split('\n').findIndex((l) => l.includes(what)) + 1;
}

const ubuntu = 'images/ubuntu-22.yaml';

describe('the catalogue', () => {
  it('of the repository is without mistakes', () => {
    expect(problemsOf(exampleFiles())).toEqual([]);
  });

  it('names the line of a wrong value', () => {
    const problems = problemsOf(
      withChange(ubuntu, (t) => t.replace('name: North Europe, replicas: 2', 'name: North Europe, replicas: 200')),
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: ubuntu, line: lineIn(ubuntu, 'North Europe') });
    expect(problems[0]?.message).toContain('regions.1.replicas');
  });

  it('names the line of an unknown key', () => {
    const problems = problemsOf(withChange(ubuntu, (t) => t.replace('imageDefinition:', 'imageDefinitoin:')));
    expect(problems.map((p) => p.message).join('\n')).toMatch(/imageDefinition: is missing/);
    expect(problems.map((p) => p.message).join('\n')).toMatch(/imageDefinitoin/);
  });

  it('tells all mistakes of all files at once', () => {
    const files = withChange('azure.yaml', (t) => t.replace('location: westeurope', 'location: West Europe'))
      .filter((f) => f.path !== 'teams.yaml')
      .map((f) => (f.path === 'roles.yaml' ? { ...f, text: `${f.text}  images: [ubuntu-23]\n` } : f));
    const files_ = problemsOf(files).map((p) => p.file);
    expect(files_).toEqual(expect.arrayContaining(['azure.yaml', 'teams.yaml', 'roles.yaml']));
  });

  it('refuses two images of one name, a name of another file, and two tests of one name', () => {
    const twin = exampleFiles().find((f) => f.path === 'images/windows-2022.yaml')?.text ?? '';
    const files = [...exampleFiles(), { path: 'images/twin.yaml', text: twin }];
    expect(
      problemsOf(files)
        .map((p) => p.message)
        .join('\n'),
    ).toMatch(/already names an image[\s\S]*must be called/);
    const doubled = withChange(ubuntu, (t) => t.replace('- name: cloud-init', '- name: sshd'));
    expect(problemsOf(doubled).map((p) => p.message)).toEqual(['has the name of another test']);
  });

  it('gives every team a digest on Monday at 09:00 UTC unless it says another time, or none', () => {
    const digestsOf = (text: string) => {
      const parsed = parseCatalogue(withChange('teams.yaml', (t) => t.replace(/^ {2}digest: .*$/m, text)));
      return parsed.ok ? [...parsed.catalogue.teams.values()].map((t) => t.digest) : parsed.problems;
    };
    const usual = { day: 'mon', time: '09:00', zone: 'UTC' };
    expect(digestsOf('')).toEqual([usual, usual, usual, usual]);
    expect(digestsOf('  digest: false')[0]).toBe(false);
    expect(digestsOf('  digest: { zone: Asia/Kolkata }')[0]).toEqual({ ...usual, zone: 'Asia/Kolkata' });
    expect(digestsOf('  digest: { day: fri, time: 17:30 }')[0]).toEqual({ ...usual, day: 'fri', time: '17:30' });
  });

  it.each([
    ['digest: { day: friday }', 'payments.digest.day: must be one of mon, tue'],
    ['digest: { time: "24:00" }', 'payments.digest.time: must be a time such as "09:00"'],
    ['digest: { time: 9 }', 'payments.digest.time'],
    ['digest: { zone: Europe/Bonn }', 'payments.digest.zone: must be an IANA time zone such as Europe/Berlin'],
    ['digest: { hour: 9 }', 'payments.digest: Unrecognized key: "hour"'],
    ['digest: weekly', 'payments.digest: must be { day, time, zone }, or false'],
  ])('says what is wrong with %s, and where', (text, message) => {
    const problems = problemsOf(withChange('teams.yaml', (t) => t.replace(/digest: \{.*$/m, text)));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: 'teams.yaml', line: lineIn('teams.yaml', 'digest: {') });
    expect(problems[0]?.message).toContain(message);
  });

  it('says which kinds of scope there are, and what is wrong with the one that was meant', () => {
    const messages = (scope: string) =>
      problemsOf(withChange('teams.yaml', (t) => t.replace(/scope: .*$/m, `scope: ${scope}`))).map((p) => p.message);
    expect(messages('{ tags: { name: team, value: x } }')).toEqual([
      'payments.scope: must be one of managementGroup, subscription, resourceGroup and tag',
    ]);
    expect(messages('{ tag: { name: team } }')).toEqual(['payments.scope.tag.value: is missing']);
    expect(messages('{ subscription: production }')).toEqual([expect.stringContaining('payments.scope.subscription:')]);
  });

  it('refuses a scope that two teams have, however it is spelled, and names of teams that commands take for words', () => {
    const added = (text: string) =>
      problemsOf(withChange('teams.yaml', (t) => `${t}\n${text}\n`)).map((p) => [p.line, p.message]);
    const rest = 'owners: { group: b0bb1e50-0000-4000-8000-000000000015, name: o }, channel: x / ops }';
    const sub = '5b1f0c2e-3a41-4f7e-9c55-0d2a7e700001';
    const at =
      (exampleFiles()
        .find((f) => f.path === 'teams.yaml')
        ?.text.split('\n').length ?? 0) + 1;
    expect(added(`twin: { scope: { tag: { name: TEAM, value: web } }, ${rest}`)).toEqual([
      [at, 'twin.scope: is already the scope of web'],
    ]);
    expect(added(`twin: { scope: { tag: { name: team, value: Web } }, ${rest}`)).toEqual([]);
    const group = (name: string) => `{ scope: { resourceGroup: /subscriptions/${sub}/resourceGroups/${name} }, ${rest}`;
    expect(added(`one: ${group('rg-a')}\ntwo: ${group('RG-A')}`)).toEqual([
      [at + 1, 'two.scope: is already the scope of one'],
    ]);
    expect(added(`one: ${group('rg-a')}\ntwo: ${group('rg-b')}`)).toEqual([]);
    expect(added(`one: ${group('rg-a/providers/x')}`)).toEqual([
      [at, expect.stringContaining('id of a resource group')],
    ]);
    expect(added(`all: { scope: { managementGroup: root }, ${rest}`)).toEqual([
      [at, 'all: is a word of commands; give the team another name'],
    ]);
  });

  it('says where YAML itself is broken', () => {
    const problems = problemsOf(withChange('roles.yaml', (t) => `${t}\n  - : [`));
    expect(problems[0]?.file).toBe('roles.yaml');
    expect(problems[0]?.message).toContain('not valid YAML');
  });

  it('never throws, whatever is written into it', () => {
    fc.assert(
      fc.property(fc.nat(4_000), fc.string({ maxLength: 20 }), (at, junk) => {
        const files = withChange(ubuntu, (t) => t.slice(0, at) + junk + t.slice(at));
        const parsed = parseCatalogue(files);
        if (!parsed.ok) for (const p of parsed.problems) expect(p.line).toBeGreaterThan(0);
      }),
      { numRuns: sized(20, 1_000) },
    );
  });
});
