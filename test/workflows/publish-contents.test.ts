import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { CommandResult } from '../../core/azure';
import { parseCatalogue } from '../../core/catalogue';
import { pieceCommand, toCycloneDx } from '../../core/contents';
import { UserError } from '../../core/errors';
import { type PublishData, planHash, testMachineName } from '../../core/runs';
import { hours, minutes, seconds } from '../../core/time';
import { approve } from '../../workflows/publish/approve';
import type { PublishContext, PublishDeps } from '../../workflows/publish/stage';
import { test as testing } from '../../workflows/publish/test';
import { aVersion, fixed } from '../dialogs/support/plan';
import { aRun, now } from '../dialogs/support/world';
import { exampleCatalogue, exampleFiles } from '../support/catalogue';

const id = 'R-22222' as const;
const machine = testMachineName(id, 1);
const passed = fixed.tests.map(({ name }) => ({ name, passed: true, exitCode: 0, output: '' }));
const ready: PublishData = { machine, tests: passed, nextTest: passed.length + 1 };

interface Given {
  readonly data?: Partial<PublishData>;
  readonly state?: string;
  readonly tries?: number;
  readonly command?: (name: string) => CommandResult;
}

/** One step of the test stage after the tests have passed, and what it asked of Azure. */
async function step({ data = {}, state = 'ready', tries = 0, command = () => ({ state: 'absent' }) }: Given) {
  const asked: unknown[][] = [];
  const write = {
    runCommand: async (of: object, what: object) => void asked.push([of, what]),
    deleteTestMachine: async () => void asked.push(['deleted']),
  };
  const read = { testMachine: async () => ({ state }), command: async (_: string, name: string) => command(name) };
  const plan = { request: {}, approvalChannel: 'a', fixed };
  const run = aRun(id, { plan, planHash: planHash(fixed), stage: 'test', data: { ...ready, ...data }, tries });
  const context = { run, inbox: [], approval: undefined, now, read, write } as unknown as PublishContext;
  return { made: await testing.run(context), asked };
}

const [first, second] = [pieceCommand('Linux', 0), pieceCommand('Linux', 1)];

/** What a machine with these lines would print, piece by piece. */
function printed(text: string): readonly string[] {
  const encoded = gzipSync(text).toString('base64');
  const hash = createHash('sha256').update(encoded).digest('hex');
  const pieces = encoded.match(/.{1,3800}/g) ?? [];
  return pieces.map((piece, i) => (i === 0 ? `goldbot-contents 1 ${encoded.length} ${hash}\n${piece}` : piece));
}
const done = (output: string, exitCode = 0, error = ''): CommandResult => ({ state: 'done', exitCode, output, error });
const release = (i: number) => createHash('sha256').update(String(i)).digest('hex');
const lines = (count: number) =>
  Array.from({ length: count }, (_, i) => `package\tdeb\tp${i}\t${release(i)}\tamd64\tinstalled\n`).join('');
const long = printed(`${lines(120)}known\tpackage\n`);

describe('what is inside a machine that passed its tests', () => {
  it('is collected by one command, and the machine is kept until it is read', async () => {
    const { made, asked } = await step({});
    expect(made).toEqual({ kind: 'again', ms: seconds(10), data: { progress: 'reading what is inside' } });
    expect(asked).toEqual([
      [{ id: expect.stringMatching(new RegExp(`/virtualMachines/${machine}$`)), location: 'westeurope' }, first],
    ]);
  });

  it('is not read from a machine that failed', async () => {
    const { asked } = await step({
      data: { tests: [{ name: 'a', passed: false, exitCode: 1, output: '' }], nextTest: 2 },
    });
    expect(asked).toEqual([['deleted']]);
  });

  it('comes piece after piece; only which one is next goes from step to step', async () => {
    expect(long).toHaveLength(2);
    const { made } = await step({ command: () => done(long[0] ?? '') });
    const listing = { length: expect.any(Number), sha256: expect.stringMatching(/^[0-9a-f]{64}$/), pieces: 2, next: 1 };
    expect(made).toEqual({ kind: 'again', ms: 0, data: { listing, waiting: undefined } });

    const next = await step({ data: made.data as PublishData });
    expect(next.asked).toMatchObject([[{}, second]]);
    expect(next.made.data).toEqual({ progress: 'reading what is inside · part 2 of 2' });
  });

  it('is put together from what each command still says, and kept for the version', async () => {
    const listing = (await step({ command: () => done(long[0] ?? '') })).made.data?.listing;
    const command = (name: string) => done(long[name === first.name ? 0 : 1] ?? '');
    const { made, asked } = await step({ data: { listing: listing as NonNullable<PublishData['listing']> }, command });

    expect(asked).toEqual([]);
    expect(made).toMatchObject({ kind: 'again', ms: 0, data: { contents: {}, listing: undefined } });
    expect(made.contents).toMatchObject({ image: 'ubuntu-22', version: '1.6.0', runId: id, readAt: now });
    expect(made.contents?.document.components).toHaveLength(120);
  });

  it('is read once: then the machine goes', async () => {
    expect((await step({ data: { contents: {} } })).asked).toEqual([['deleted']]);
    expect((await step({ data: { contents: { gap: { reason: 'cut' } } } })).asked).toEqual([['deleted']]);
  });

  const refuses = (error: Error) => () => {
    throw error;
  };
  const forbidden = new UserError('AZ_FORBIDDEN', 'goldbot may not run commands.', { hint: 'Give it the role.' });
  const silent = new UserError('AZ_SILENT', 'Azure is silent.', { hint: 'Wait.' });
  it.each<[string, Given, object]>([
    [
      'a command that fails',
      { command: () => done('', 127, 'sh: gzip: not found\nmore') },
      { reason: 'failed', said: 'sh: gzip: not found' },
    ],
    [
      'a command that fails and says nothing',
      { command: () => done('', 1) },
      { reason: 'failed', said: 'exit code 1' },
    ],
    ['an answer that is not a list', { command: () => done('hello') }, { reason: 'unreadable' }],
    [
      'a list that is cut off',
      { command: () => done(printed('a')[0]?.slice(0, -3) ?? '') },
      { reason: 'cut', said: expect.stringMatching(/^\d+ of \d+ letters$/) },
    ],
    ['a machine that somebody deleted', { state: 'absent' }, { reason: 'machine gone' }],
    [
      'a role that goldbot does not have',
      { command: refuses(forbidden) },
      { reason: 'failed', said: 'goldbot may not run commands.' },
    ],
    [
      'Azure that is silent time and again',
      { command: refuses(silent), tries: 4 },
      { reason: 'failed', said: 'Azure is silent.' },
    ],
    [
      'a command that does not end',
      {
        data: { waiting: { what: first.name, since: new Date(now.getTime() - hours(1)).toISOString() } },
        command: () => ({ state: 'running' }),
      },
      { reason: 'silent' },
    ],
  ])('is a gap and fails nothing: %s', async (_, given, gap) => {
    const { made, asked } = await step(given);
    expect(made).toEqual({ kind: 'again', ms: 0, data: { contents: { gap }, listing: undefined, waiting: undefined } });
    expect(asked).toEqual([]);
  });

  it('is waited for while Azure is silent for a moment, and while the command runs', async () => {
    await expect(step({ command: refuses(silent), tries: 1 })).rejects.toThrow('Azure is silent.');
    const data = { waiting: { what: first.name, since: new Date(now.getTime() - minutes(15)).toISOString() } };
    const { made } = await step({ data, command: () => ({ state: 'running' }) });
    expect(made).toMatchObject({ kind: 'again', ms: seconds(10), data });
    const fenced = new UserError('FENCED', 'The lease is over.', { hint: 'Wait.' });
    await expect(step({ command: refuses(fenced), tries: 9 })).rejects.toThrow('The lease is over.');
  });
});

describe('the request for approval', () => {
  const has = (version: string) => ({ type: 'deb' as const, name: 'openssl', version, architecture: 'amd64' });
  const document = (version: string, packages: string) =>
    toCycloneDx(
      { os: { id: 'ubuntu', name: 'Ubuntu', version: '22.04' }, packages: [has(packages)] },
      { image: 'ubuntu-22', version, readAt: now },
    );
  const both = new Map([
    ['1.5.0', { document: document('1.5.0', '3.0.2-15') }],
    ['1.6.0', { document: document('1.6.0', '3.0.2-18') }],
  ]);

  async function asks(
    contents: PublishData['contents'],
    kept: Awaited<ReturnType<PublishDeps['contents']>>,
    plan = fixed,
    catalogue = exampleCatalogue,
  ) {
    const deciders = async () => ({ size: 'fits' as const, count: 2, ids: [] });
    const read = {
      version: async (_: unknown, number: string) => aVersion(number),
      machinesByVersion: async () => new Map(),
      marketplaceVersion: async (_place: unknown, _image: unknown, version: string) => ({ version }),
      scaleSets: async () => ({ rows: [], asOf: now }),
    };
    const run = aRun(id, {
      ...{ plan: { request: {}, approvalChannel: 'a', fixed: plan }, planHash: planHash(plan), stage: 'approve' },
      data: { ...(contents && { contents }) },
    });
    const context = { run, inbox: [], approval: undefined, now, read } as unknown as PublishContext;
    const asked = await approve({
      deciders,
      catalogue,
      publishedBefore: async () => undefined,
      contents: async () => kept,
    }).run(context);
    expect(asked.kind).toBe('ask');
    return asked.data?.contents;
  }

  it('says what is different from the version that it replaces', async () => {
    expect(await asks({}, both)).toEqual({
      since: '1.5.0',
      changes: {
        ...{ packages: { changed: 1, added: 0, removed: 0 }, lists: {} },
        top: [{ name: 'openssl', from: '3.0.2-15', to: '3.0.2-18' }],
      },
    });
  });

  it('says what the catalogue’s list of vulnerabilities has of the two', async () => {
    const affected = [
      {
        package: { ecosystem: 'Ubuntu', name: 'openssl' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '3.0.2-18' }] }],
      },
    ];
    const text = JSON.stringify([{ id: 'CVE-2026-0001', modified: '2026-11-12T09:00:00Z', affected }]);
    const parsed = parseCatalogue([...exampleFiles(), { path: 'vulnerabilities/own.json', text }]);
    const listed = () => (parsed.ok ? parsed.catalogue : exampleCatalogue());
    expect(await asks({}, both, fixed, listed)).toMatchObject({
      vulnerabilities: { fixed: 1, brought: 0, remaining: 0, top: [], asOf: '2026-11-12T09:00:00Z' },
    });
  });

  it('says which of the two is not known, and why', async () => {
    const gap = { reason: 'cut' as const };
    expect(await asks({ gap }, both)).toEqual({ gap });
    expect(await asks({}, new Map([...both].slice(1)))).toEqual({ since: '1.5.0', sinceGap: { reason: 'never read' } });
    expect(await asks({}, new Map())).toEqual({ gap: { reason: 'never read' } });
  });

  it('says nothing of the first version of an image, nor in a run that began before there were lists', async () => {
    expect(await asks({}, both, { ...fixed, previousVersion: null })).toEqual({});
    expect(await asks(undefined, both)).toBeUndefined();
  });
});
