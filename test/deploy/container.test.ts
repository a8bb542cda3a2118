import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { parse } from 'yaml';
import { serveOptions } from '../../tools/build';
import { type Bom, licenceProblems } from '../../tools/sbom';
import { dockerfileProblems, lastStage } from './dockerfile';

const root = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const dockerfile = read('Dockerfile');
const last = () => lastStage(DockerfileParser.parse(dockerfile));
const argumentsOf = (keyword: string) =>
  last().flatMap((one) => (one.getKeyword() === keyword ? [one.getRawArgumentsContent() ?? ''] : []));

/** Runs the script that pins and checks, with a stand-in for Docker that answers with `answer`. */
function pin(text: string, args: readonly string[] = [], answer = 'exit 1') {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-pin-'));
  const file = join(folder, 'Dockerfile');
  writeFileSync(file, text);
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${answer}\n`);
  chmodSync(join(folder, 'docker'), 0o755);
  const script = join(root, 'deploy/pipelines/pin.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, file, ...args], {
    encoding: 'utf8',
    env: { PATH: folder },
  });
  const after = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });
  return { status, words: stderr.replaceAll(file, 'Dockerfile'), after };
}

const digest = `sha256:${'ab'.repeat(32)}`;

describe('the Dockerfile', () => {
  it('has no fault, and puts nothing into the image but the bundle, the catalogue and the licence', () => {
    expect(dockerfileProblems(dockerfile)).toEqual([]);
    expect(argumentsOf('COPY')).toEqual(['LICENSE ./', '/app/dist ./dist', 'catalog ./catalog']);
    const options = serveOptions();
    expect(options).toHaveLength(1);
    expect(argumentsOf('ENTRYPOINT').map((command) => JSON.parse(command))).toEqual([
      ['/nodejs/bin/node', ...options, 'dist/serve.js'],
    ]);
    expect(argumentsOf('STOPSIGNAL')).toEqual(['SIGTERM']);
  });

  it('is of a version of Node that CI runs every test on, the same in both stages', () => {
    const majors = DockerfileParser.parse(dockerfile)
      .getFROMs()
      .map((from) => Number(/node(?:js|:)(\d+)/.exec(from.getImage() ?? '')?.[1]));
    expect(majors).toHaveLength(2);
    const ci = parse(read('.github/workflows/ci.yml')) as {
      jobs: { check: { strategy: { matrix: { node: number[] } } } };
    };
    expect(new Set(majors).size).toBe(1);
    expect(ci.jobs.check.strategy.matrix.node).toContain(majors[0]);
  });

  it('starts scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
    const started = [...dockerfile.matchAll(/^RUN \["npm", "run", "([\w:]+)"\]$/gm)].map(([, script]) =>
      String(script),
    );
    expect(started).toEqual(['build', 'sbom']);
    expect(started.filter((script) => !(script in scripts))).toEqual([]);
  });

  it('sees nothing of a checkout but what it names, and never a setting, a key or a package', () => {
    const lines = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines[0]).toBe('*');
    // What comes later wins.
    expect(lines.slice(-3)).toEqual(['**/.env*', '**/node_modules/', '**/*.pem']);
    expect(lines.slice(1, -3).every((line) => line.startsWith('!'))).toBe(true);
    const shown = lines.slice(1, -3).map((line) => line.slice(1).replace(/\/$/, ''));
    expect(shown.filter((name) => !readdirSync(root).includes(name))).toEqual([]);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    expect(copied.filter((name) => name !== '.' && !shown.includes(name))).toEqual([]);
  });

  it.each<[string, string, string]>([
    [
      'a command for a shell',
      'ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=4", "dist/serve.js"]|ENTRYPOINT node dist/serve.js',
      'ENTRYPOINT is in shell form.',
    ],
    ['a probe for a shell', 'CMD ["/nodejs/bin/node", "-e", |CMD curl localhost [', 'HEALTHCHECK is in shell form.'],
    ['a step for a shell', 'RUN ["npm", "run", "build"]|RUN npm run build', 'RUN is in shell form.'],
    ['nobody', 'USER 65532:65532|', 'The image says no USER.'],
    ['root', 'USER 65532:65532|USER 0:0', 'USER 0:0 is no user and group by number, other than root.'],
    ['a user by name', 'USER 65532:65532|USER nonroot', 'USER nonroot is no user and group by number'],
    ['a secret', 'ENV NODE_ENV=production|ENV MicrosoftAppPassword=x', 'MicrosoftAppPassword would stay in the image.'],
    ['a download', 'COPY LICENSE ./|ADD https://c.example/x ./', 'ADD fetches and unpacks; COPY does not.'],
    ['an image that no stage is', '--from=build|--from=node:26', 'copies from “node:26”, which is no stage.'],
    ['a step in what is shipped', 'EXPOSE 3978|RUN ["true"]', 'runs something in the image that is shipped.'],
    ['no probe', 'HEALTHCHECK |LABEL x=', 'The image has no HEALTHCHECK.'],
  ])('would be refused with %s', (_, change, problem) => {
    const [what = '', by = ''] = change.split('|');
    expect(dockerfile).toContain(what);
    expect(dockerfileProblems(dockerfile.replace(what, by))).toContainEqual(expect.stringContaining(problem));
  });
});

describe('the bases of a release', () => {
  it('are pinned by their digests', () => {
    // The pull request of a release takes the changesets away: from then on this is what people get.
    const pending = readdirSync(join(root, '.changeset')).filter(
      (name) => name.endsWith('.md') && name !== 'README.md',
    );
    const { words } = pin(dockerfile, ['--check']);
    if (pending.length === 0) expect(words).toBe('');
    // Before it, they may wait for their digests, and for nothing else.
    else
      expect(words.split('\n').filter((line) => /^ {2}(?!.* is not pinned by its digest\.$)/.test(line))).toEqual([]);
  });

  it('are pinned by the release, which is not tagged otherwise', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
    const { jobs } = parse(read('.github/workflows/release.yml'));
    const { version, publish } = jobs.release.steps.find(({ uses = '' }) => uses.startsWith('changesets/action@')).with;
    expect([version, publish]).toEqual(['npm run release:version', 'npm run release:tag']);
    expect(scripts['release:version']).toMatch(/ -- version && node deploy\/pipelines\/pin\.mjs$/);
    expect(scripts['release:tag']).toMatch(/^node deploy\/pipelines\/pin\.mjs --check && .* -- tag$/);
  });

  it('are refused one by one, and nothing is written', () => {
    const refused: readonly (readonly [from: string, problem: string])[] = [
      ['FROM node:26-trixie-slim AS build', 'node:26-trixie-slim is not pinned by its digest.'],
      [`FROM node:latest@${digest}`, `node:latest@${digest} is another image every day: say which version it is.`],
      [`FROM node@${digest}`, `node@${digest} has no tag: say which version it is.`],
      ['FROM registry.example:5000/node', 'registry.example:5000/node has no tag: say which version it is.'],
      ['FROM node:26@sha256:latest', 'node:26@sha256:latest: “sha256:latest” is no SHA-256 digest.'],
      ['FROM $BASE', '$BASE: what it is is only known when it is built; write it out.'],
      ['FROM --platform=linux/amd64 node:26', 'node:26 is not pinned by its digest.'],
    ];
    const text = [`FROM node:26@${digest} AS good`, ...refused.map(([from]) => from)].join('\n');
    const { status, words, after } = pin(text, ['--check']);
    expect([status, after]).toEqual([1, text]);
    expect(words.split('\n').slice(0, -2)).toEqual([
      'Dockerfile cannot be released:',
      ...refused.map(([, problem]) => `  ${problem}`),
    ]);
  });

  it('are taken when pinned; earlier stages and nothing at all are no bases', () => {
    const text = `FROM --platform=linux/amd64 node:26@${digest} AS build\nFROM build AS more\nFROM scratch\nCOPY --from=more / /\n`;
    expect(pin(text, ['--check'])).toEqual({ status: 0, words: '', after: text });
  });

  it('get the digest that the registry names, old ones a new one, and keep everything else', () => {
    const other = `sha256:${'cd'.repeat(32)}`;
    const answer = `case "$*" in *"inspect node:26 "*) echo '{"digest":"${digest}"}' ;; *"inspect gcr.io/x/y:nonroot "*) echo '{"digest":"${other}"}' ;; *) exit 1 ;; esac`;
    const text = `# FROM node:26\nFROM node:26 AS build\nRUN ["x"]\nFROM build\nFROM gcr.io/x/y:nonroot@${digest}\nCOPY --from=build /a ./\n`;
    expect(pin(text, [], answer)).toEqual({
      status: 0,
      words: '',
      after: `# FROM node:26\nFROM node:26@${digest} AS build\nRUN ["x"]\nFROM build\nFROM gcr.io/x/y:nonroot@${other}\nCOPY --from=build /a ./\n`,
    });
  });

  it.each([
    [
      'the registry is silent',
      'echo "no such host" >&2; exit 1',
      'The digest of node:26 could not be had: no such host',
    ],
    ['it names none', `echo '{"digest":"latest"}'`, 'The registry names no SHA-256 digest of node:26: latest'],
  ])('stay as they are when %s: none is made up', (_, answer, problem) => {
    expect(pin('FROM node:26\n', [], answer)).toEqual({ status: 1, words: `${problem}\n`, after: 'FROM node:26\n' });
  });
});

describe('the licences of what is shipped', () => {
  const one = (licence: Bom['components'][number]['licenses']) => ({
    components: [{ 'bom-ref': 'x@1.0.0', name: 'x', version: '1.0.0', ...(licence && { licenses: licence }) }],
  });

  it('are all allowed', () => {
    const args = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--omit', 'optional'];
    const { stdout } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    const bom = JSON.parse(stdout) as Bom;
    expect(bom.components.length).toBeGreaterThan(100);
    expect(licenceProblems(bom)).toEqual([]);
  });

  it.each<[string, Bom['components'][number]['licenses'], string]>([
    ['another one', [{ license: { id: 'GPL-3.0-only' } }], 'x 1.0.0 is under GPL-3.0-only, which is not allowed'],
    ['one without an id', [{ license: { name: 'SEE LICENSE IN x' } }], 'x 1.0.0 is under SEE LICENSE IN x'],
    ['two that apply together', [{ expression: 'MIT AND GPL-2.0-only' }], 'x 1.0.0 is under MIT AND GPL-2.0-only'],
    [
      'two, of which one is not allowed',
      [{ license: { id: 'MIT' } }, { license: { id: 'AGPL-3.0-only' } }],
      'x 1.0.0 is under MIT, AGPL-3.0-only',
    ],
    ['none', undefined, 'x 1.0.0 says no licence: look it up'],
  ])('would be told of: %s', (_, licence, problem) => {
    expect(licenceProblems(one(licence))).toEqual([expect.stringContaining(problem)]);
  });

  it('may be a choice of which one is allowed', () => {
    expect(licenceProblems(one([{ expression: '(AFL-2.1 OR BSD-3-Clause)' }]))).toEqual([]);
  });
});
