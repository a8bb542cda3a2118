import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fetchAll, type Lock, listing, lock, optionsOf } from '../tools/specs';
import { exchangesOf, type Recording } from '../tools/specs/recordings';
import { exampleFolders } from './conformance/examples/specs';
import { judged, shared } from './conformance/shared';
import { judgingFolders } from './conformance/spec';
import { used } from './conformance/used';

const root = join(__dirname, '..');
const temporary = () => mkdtempSync(join(tmpdir(), 'goldbot-specs-test-'));
const quietly = () => {};

const recording: Recording = {
  path: 'recordings/test_gallery.yaml',
  refs: ['release-1', 'release-2'],
  from: 'Tue, 19 Dec 2023 09:07:07 GMT',
  to: 'Tue, 19 Dec 2023 09:07:08 GMT',
  exchanges: 2,
};

/** A cassette as VCR.py writes it; one exchange without a provider among its three. */
const cassette = (day: string) => `interactions:
- request:
    body: null
    method: GET
    uri: https://management.azure.com/subscriptions/0/resourcegroups/rg?api-version=1
  response:
    body: {string: '{}'}
    headers: {date: ['${day} 09:07:06 GMT']}
    status: {code: 200, message: OK}
- request:
    body: '{"location": "westeurope"}'
    method: PUT
    uri: https://management.azure.com/providers/Microsoft.Compute/galleries/g?api-version=1
  response:
    body: {string: "{\\r\\n  \\"name\\": \\"g\\"\\r\\n}"}
    headers:
      azure-asyncoperation: ['https://management.azure.com/providers/x?api-version=1&t=63&c=MII&s=0K&h=ee']
      date: ['${day} 09:07:07 GMT']
      server: [Microsoft-HTTPAPI/2.0, Microsoft-HTTPAPI/2.0]
    status: {code: 201, message: Created}
- request:
    body: null
    method: GET
    uri: https://management.azure.com/providers/x?api-version=1&t=63&c=MII&s=0K&h=ee
  response:
    body: {string: ''}
    headers: {date: ['${day} 09:07:08 GMT']}
    status: {code: 204, message: No Content}
version: 1
`;

/** A folder of repositories, as `--from` takes it, with one that has an older and a newer version of two files. */
function mirror() {
  const folder = temporary();
  const repository = join(folder, 'some', 'specs');
  mkdirSync(repository, { recursive: true });
  const git = (...args: string[]) => execFileSync('git', args, { cwd: repository, encoding: 'utf8' }).trim();
  const commit = (files: Readonly<Record<string, string>>, tag: string) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(repository, path)), { recursive: true });
      writeFileSync(join(repository, path), text);
    }
    git('add', '--all');
    git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '--message', tag);
    git('tag', tag);
  };
  git('init', '--quiet', '.');
  git('config', 'uploadpack.allowFilter', 'true');
  git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  commit({ 'a.json': '"old a"', [recording.path]: cassette('Mon, 1 Jan 2024') }, 'release-1');
  const old = git('rev-parse', 'HEAD:a.json');
  commit({ 'a.json': '"new a"', 'deep/b.json': '"b"', [recording.path]: cassette('Tue, 19 Dec 2023') }, 'release-2');
  return { from: `file://${folder}/`, repository: 'some/specs', old, b: git('rev-parse', 'HEAD:deep/b.json') };
}

describe('npm run specs', () => {
  it('fetches the pinned content, also where the repository has gone on, and the recording of the right day', () => {
    const { from, repository, old, b } = mirror();
    const to = temporary();
    const pinned: Lock = {
      specs: [{ repository, files: { 'a.json': old, 'renamed/b.json': b } }],
      tapes: [{ repository, recordings: { 'gallery.json': recording } }],
    };

    expect(fetchAll(pinned, { ...optionsOf([]), to, from }, quietly)).toEqual([]);

    expect(readFileSync(join(to, 'specs/a.json'), 'utf8')).toBe('"old a"');
    expect(readFileSync(join(to, 'specs/renamed/b.json'), 'utf8')).toBe('"b"');
    expect(JSON.parse(readFileSync(join(to, 'tapes/gallery.json'), 'utf8'))).toHaveLength(2);
    expect(readdirSync(to).sort()).toEqual(['specs', 'tapes']);
  });

  it('keeps what was there when a repository does not have what is pinned, and says so', () => {
    const { from, repository, old } = mirror();
    const to = temporary();
    const good: Lock = { specs: [{ repository, files: { 'a.json': old } }] };
    const bad: Lock = { specs: [{ repository, files: { 'a.json': '0123456789012345678901234567890123456789' } }] };
    fetchAll(good, { ...optionsOf([]), to, from }, quietly);

    const [why, ...more] = fetchAll(bad, { ...optionsOf([]), to, from }, quietly);

    expect(why).toMatch(/^specs: .*does not have what tools\/specs\.lock pins/);
    expect(more).toEqual([]);
    expect(readFileSync(join(to, 'specs/a.json'), 'utf8')).toBe('"old a"');
    expect(readdirSync(to)).toEqual(['specs']);
  });

  it('says that it needs the network where there is none, and ends with 1', () => {
    const to = join(temporary(), 'specs');
    const { status, stdout } = spawnSync('npx', ['tsx', 'tools/specs.ts', '--from', 'http://127.0.0.1:9', '--to', to], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stdout).toContain('http://127.0.0.1:9/Azure/bicep-types-az cannot be reached');
    expect(stdout).toContain('needs the network');
    expect(existsSync(join(to, 'azure-types'))).toBe(false);
  });

  it('refuses an option that it does not have', () => {
    expect(() => optionsOf(['--tp', '/tmp'])).toThrow('--tp');
  });

  it('reads its options', () => {
    expect(optionsOf(['--from', 'https://git.example.com/mirror'])).toMatchObject({
      from: 'https://git.example.com/mirror/',
      to: join(root, '.specs'),
      list: false,
    });
  });

  it('lists without a network what would be fetched from where', () => {
    expect(listing(lock())).toContainEqual(expect.stringMatching(/^azure-types: \d+ files of Azure\/bicep-types-az$/));
    expect(listing(lock())).toHaveLength(Object.values(lock()).flat().length);
  });

  it('puts the files where git does not see them', () => {
    const { status } = spawnSync('git', ['check-ignore', '--quiet', '.specs'], { cwd: root });
    expect(status).toBe(0);
  });
});

describe('a recording of the Azure CLI', () => {
  it('comes out as the tests read it, without signatures and without what is not of a provider', () => {
    expect(exchangesOf(cassette('Tue, 19 Dec 2023'), recording)).toEqual([
      {
        request: {
          method: 'PUT',
          url: 'https://management.azure.com/providers/Microsoft.Compute/galleries/g?api-version=1',
          body: { location: 'westeurope' },
        },
        response: {
          status: 201,
          headers: {
            'azure-asyncoperation': 'https://management.azure.com/providers/x?api-version=1&t=T&c=C&s=S&h=H',
            date: 'Tue, 19 Dec 2023 09:07:07 GMT',
            server: 'Microsoft-HTTPAPI/2.0,Microsoft-HTTPAPI/2.0',
          },
          body: { name: 'g' },
        },
      },
      {
        request: {
          method: 'GET',
          url: 'https://management.azure.com/providers/x?api-version=1&t=T&c=C&s=S&h=H',
        },
        response: { status: 204, headers: { date: 'Tue, 19 Dec 2023 09:07:08 GMT' }, body: null },
      },
    ]);
  });

  it('of another day is not taken for the one that is meant', () => {
    expect(exchangesOf(cassette('Mon, 1 Jan 2024'), recording)).toBeUndefined();
    expect(exchangesOf(cassette('Tue, 19 Dec 2023'), { ...recording, exchanges: 3 })).toBeUndefined();
  });
});

judged('tools/specs.lock', () => {
  const pinned = Object.entries(lock()).flatMap(([folder, sources]) =>
    sources.flatMap((source) =>
      'package' in source
        ? []
        : Object.entries(source.files ?? {}).map(([path, id]) => [`${folder}/${path}`, id] as const),
    ),
  );
  const paths = new Set<string>(pinned.map(([path]) => path));
  const specification = 'azure-specs/specification';
  const json = (path: string) => JSON.parse(readFileSync(join(shared, path), 'utf8'));
  const refsIn = (path: string) =>
    [...readFileSync(join(shared, path), 'utf8').matchAll(/"\$ref":\s*"([^"#]+)/g)].map(([, to = '']) =>
      posix.join(posix.dirname(path), to),
    );

  it('pins the very content that judges here', () => {
    const { stdout } = spawnSync('git', ['hash-object', '--no-filters', '--stdin-paths'], {
      cwd: shared,
      input: pinned.map(([path]) => path).join('\n'),
      encoding: 'utf8',
    });
    expect(pinned.length).toBeGreaterThan(150);
    expect(stdout.trim().split('\n')).toEqual(pinned.map(([, id]) => id));
  });

  it('has every specification that judges, with what it refers to', () => {
    const folders = [...new Set([...judgingFolders, ...exampleFolders])].map((folder) => `${specification}/${folder}`);
    const tops = folders.flatMap((folder) =>
      readdirSync(join(shared, folder))
        .filter((name) => name.endsWith('.json'))
        .map((name) => `${folder}/${name}`),
    );
    const needed = new Set(tops);
    for (const path of needed) {
      for (const to of refsIn(path)) if (!to.includes('/examples/') && existsSync(join(shared, to))) needed.add(to);
    }
    expect([...needed].filter((path) => !paths.has(path))).toEqual([]);
  });

  it('has every example of an operation that goldbot uses', () => {
    const operations = new Set<string | undefined>(used.map(({ operation }) => operation));
    const examples = [...paths]
      .filter((path) => exampleFolders.some((folder) => posix.dirname(path) === `${specification}/${folder}`))
      .flatMap((path) =>
        Object.values(json(path).paths ?? {})
          .flatMap((methods) => Object.values(methods as object))
          .filter(({ operationId }) => operations.has(operationId))
          .flatMap((operation) => Object.values(operation['x-ms-examples'] ?? {}) as { $ref: string }[])
          .map(({ $ref }) => posix.join(posix.dirname(path), $ref)),
      );
    expect(examples.length).toBeGreaterThan(50);
    expect(examples.filter((path) => !paths.has(path))).toEqual([]);
  });

  it('has every resource type, template, recording and protocol that lies here for the tests', () => {
    const names = (folder: string) => readdirSync(join(shared, folder)).filter((name) => name.endsWith('.json'));
    const [recordings] = lock()['azure-recordings'] ?? [];
    expect(Object.keys((recordings && 'recordings' in recordings && recordings.recordings) || {}).sort()).toEqual(
      names('azure-recordings').sort(),
    );
    for (const folder of ['aib-quickstarts', 'bot-connector']) {
      expect(names(folder).filter((name) => !paths.has(`${folder}/${name}`))).toEqual([]);
    }
    const types = readdirSync(join(shared, 'azure-types'), { recursive: true, encoding: 'utf8' });
    const files = types.filter((path) => path.endsWith('types.json')).map((path) => `azure-types/${path}`);
    expect(files.filter((path) => !paths.has(path))).toEqual([]);
  });

  it("takes the host configs from Microsoft's package, which has the same", () => {
    const to = temporary();
    const [, fromPackage] = lock()['adaptive-cards'] ?? [];
    if (!fromPackage) throw new Error('no package in the lock');
    fetchAll({ 'adaptive-cards': [fromPackage] }, { ...optionsOf([]), to }, quietly);
    for (const look of ['light', 'dark']) {
      const name = `adaptive-cards/microsoft-teams-${look}.hostconfig.json`;
      expect(JSON.parse(readFileSync(join(to, name), 'utf8'))).toEqual(json(name));
    }
    rmSync(to, { recursive: true });
  });
});
