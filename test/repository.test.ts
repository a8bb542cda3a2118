import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

const root = join(__dirname, '..');
const read = (...path: readonly string[]) => readFileSync(join(root, ...path), 'utf8');
const yamlIn = (folder: string) => readdirSync(join(root, folder)).filter((name) => name.endsWith('.yml'));

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      { 'timeout-minutes': number; strategy?: { matrix: Record<string, unknown> }; steps: readonly Step[] }
    >
  >;
}

interface Manifest {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const workflows = yamlIn('.github/workflows');
const workflow = (name: string) => parse(read('.github/workflows', name)) as Workflow;

/** Scripts that a command line starts; `${{ matrix.run }}` stands for each value of the matrix. */
function scriptsOf(run: string, matrix: Readonly<Record<string, unknown>> = {}): readonly string[] {
  return [...run.matchAll(/npm (?:run )?(\$\{\{ matrix\.(\w+) \}\}|[\w:]+)/g)].flatMap(([, script, variable]) =>
    variable === undefined ? [String(script)] : (matrix[variable] as string[]),
  );
}

describe('workflows of GitHub', () => {
  it.each(workflows)('%s is a workflow whose jobs end, with no more rights than it needs', (name) => {
    const { on, permissions, jobs } = workflow(name);
    expect(Object.keys(on)).not.toHaveLength(0);
    expect(Object.values(permissions).every((right) => right === 'read')).toBe(true);
    expect(Object.keys(jobs)).not.toHaveLength(0);
    for (const job of Object.values(jobs)) {
      expect(job['timeout-minutes']).toBeGreaterThan(0);
      expect(job.steps.every((step) => (step.uses === undefined) !== (step.run === undefined))).toBe(true);
    }
  });

  it.each(workflows)('%s pins every action to a commit and says which version that is', (name) => {
    const uses = [...read('.github/workflows', name).matchAll(/uses: (.*)/g)].map(([, action]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/^[\w-]+(\/[\w-]+){1,2}@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it.each(workflows)('%s starts scripts that package.json has', (name) => {
    const started = Object.values(workflow(name).jobs).flatMap(({ steps, strategy }) =>
      steps.flatMap(({ run }) => scriptsOf(run ?? '', strategy?.matrix)),
    );
    const known = new Set(['ci', ...Object.keys(manifest.scripts)]);
    expect(started.filter((script) => !known.has(script))).toEqual([]);
  });

  it('checks every supported major version of Node, and developers are told one of them', () => {
    const versions = workflow('ci.yml').jobs['check']?.strategy?.matrix['node'];
    expect(versions).toEqual([20, 22, 24, 26]);
    expect(manifest.engines.node).toBe('>=20.19');
    expect(versions).toContain(Number(read('.nvmrc').trim()));
  });
});

describe('what strangers meet', () => {
  it('finds in tools/ the commands of package.json, one file each; what they consist of stands in folders', () => {
    const tools = readdirSync(join(root, 'tools')).filter((name) => name.endsWith('.ts'));
    const run = Object.values(manifest.scripts).flatMap((script) => /^tsx tools\/(\S+)/.exec(script)?.[1] ?? []);
    expect(tools.sort()).toEqual(run.sort());
  });

  it('has issue forms and an update plan that parse', () => {
    const forms = yamlIn('.github/ISSUE_TEMPLATE').filter((name) => name !== 'config.yml');
    expect(forms.length).toBeGreaterThan(1);
    for (const form of forms) {
      const { name, description, body } = parse(read('.github/ISSUE_TEMPLATE', form));
      expect([typeof name, typeof description]).toEqual(['string', 'string']);
      const ids = body.map((field: { id: string }) => field.id);
      expect(new Set(ids).size).toBe(ids.length);
    }
    expect(parse(read('.github/dependabot.yml'))).toMatchObject({
      version: 2,
      updates: ['npm', 'github-actions', 'docker', 'nuget'].map((ecosystem) => ({ 'package-ecosystem': ecosystem })),
    });
  });

  it('gives owners to files and folders that exist', () => {
    const owned = read('.github/CODEOWNERS').match(/^\/\S+/gm) ?? [];
    expect(owned.length).toBeGreaterThan(3);
    expect(owned.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('tells in the README which placeholders stand in which files, and has no others', () => {
    const placeholder = 'your-' + 'org';
    const { stdout } = spawnSync('git', ['grep', '-l', '--untracked', placeholder], { cwd: root, encoding: 'utf8' });
    const files = stdout.trim().split('\n');
    expect(files).toContain('.github/CODEOWNERS');
    const told = read('README.md');
    for (const file of files.filter((name) => name !== 'README.md')) expect(told).toContain(`(${file})`);
  });

  it('has the released version in the changelog', () => {
    expect(read('CHANGELOG.md').match(/^## .*/m)?.[0]).toBe(`## ${manifest.version}`);
  });

  it.each(readdirSync(join(root, 'docs/adr')))(
    '%s says when, what, what else there was, and when to look again',
    (file) => {
      const text = read('docs/adr', file);
      expect(text.split('\n')[0]).toMatch(new RegExp(`^# ${Number(file.slice(0, 4))}\\. `));
      expect(text.split('\n')[2]).toMatch(/^\*\d{1,2} \w+ \d{4} · (accepted|superseded by \[ADR)/);
      for (const part of ['Context', 'Decision', 'Alternatives', 'What it costs', 'When to look again']) {
        expect(text).toContain(`**${part}.**`);
      }
    },
  );

  it('gives each decision a number of its own, from one on', () => {
    const numbers = readdirSync(join(root, 'docs/adr')).map((file) => Number(file.slice(0, 4)));
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  });

  it('writes the changelog in the words of the changeset alone', async () => {
    const { changelog } = JSON.parse(read('.changeset/config.json'));
    const { getReleaseLine, getDependencyReleaseLine } = require(join(root, '.changeset', changelog));
    expect(await getReleaseLine({ summary: 'Owners see more.\n', commit: 'abc1234' })).toBe('\nOwners see more.');
    expect(await getDependencyReleaseLine([], [])).toBe('');
  });
});

describe('the page of the sandbox', () => {
  it.each(['light', 'dark'])(
    "shows cards as Teams' %s look of the package does, by a copy of its host config",
    (look) => {
      const name = `microsoft-teams-${look}.json`;
      const original = join(dirname(require.resolve('adaptivecards-designer/package.json')), 'lib/hostConfigs', name);
      expect(JSON.parse(read('sandbox/page/vendor', name))).toEqual(JSON.parse(readFileSync(original, 'utf8')));
    },
  );
});
