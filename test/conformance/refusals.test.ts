import type { UserError } from '../../core/errors';
import { failureOfBuild } from '../../core/images';
import type { SandboxResponse } from '../../sandbox/kernel/types';
import { sandboxCredential } from '../../services';
import { toUserError } from '../../services/azure/errors';
import { remediate } from '../../workflows/change/policies';
import { remove } from '../../workflows/publish/leftovers';
import { connect, failure, held, place, ubuntu } from '../services/azure';
import { spread } from '../support/size';
import { refusals } from './refusals';
import { type Azure, errorOf, newSandbox, openAzure, outcome } from './refusals/azure';
import { disagreement, evidence, isServed } from './refusals/evidence';
import { gaps } from './refusals/gaps';
import type { Refusal, Refused } from './refusals/row';
import { doing, failedBuilds, neverSent, notGone, notUp, told } from './refusals/told';
import {
  asAbsent,
  failedTasks,
  neverSentOfPolicy,
  notRun,
  seenInState,
  toldOfPeople,
  toldOfPolicy,
} from './refusals/told-of-policy';
import { judged } from './shared';

describe('the sandbox refuses what Azure refuses', () => {
  const rows = refusals.map((row) => [row.id, row] as const);

  it.each(rows)('%s', async (_, row) => {
    const azure = openAzure();
    await row.given?.(azure);
    const answer = await row.request(azure);
    await expectRefused(azure, row, answer);
    await expectTold(azure, row, answer);
    await row.also?.(azure);
  });

  const conditional = rows.filter(([, { refused }]) => !('silent' in refused));

  it.each(spread(4, conditional))('%s, on its condition alone', async (_, row) => {
    const azure = openAzure();
    const accepted = await (row.fine ?? row.request)(azure);
    expect(accepted.status < 300 || accepted).toBe(true);
    expect(await outcome(azure, accepted)).toMatchObject({ status: 'Succeeded' });
  });
});

async function expectRefused(azure: Azure, row: Refusal, answer: SandboxResponse): Promise<void> {
  const { refused, names = [] } = row;
  if (!('status' in refused)) expect(answer.status < 300 || answer).toBe(true);
  if ('silent' in refused) return refused.silent(azure, answer);
  if ('hangs' in refused) return void expect(await outcome(azure, answer)).toMatchObject({ status: 'InProgress' });
  if ('run' in refused) return expectFailed(azure, refused, names);
  if ('operation' in refused && refused.provisioningErrorCode !== undefined) {
    expect(await provisioningErrorOf(azure, answer)).toBe(refused.provisioningErrorCode);
  }
  const { code, target, nested } = { target: undefined, nested: undefined, ...refused };
  const said = 'status' in refused ? errorOf(answer) : (await failed(azure, answer)).error;
  if ('status' in refused) expect(answer.status).toBe(refused.status);
  expect(said).toMatchObject({ ...(code !== undefined && { code }), ...(target !== undefined && { target }) });
  if (nested !== undefined) expect(said?.details?.map((one) => one.code)).toContain(nested);
  for (const name of names) expect(said?.message.toLowerCase()).toContain(name.toLowerCase());
}

/** The build of the row's template, an hour later. */
async function expectFailed(azure: Azure, refused: Extract<Refused, { run: string }>, names: readonly string[]) {
  azure.later(60);
  const { read } = connect(azure.sandbox, {});
  const build = await read.build(place, 'row');
  if (build.state !== 'failed') return expect(build.state).toBe('failed');
  const said = `${build.message} ${(await read.buildLog(place, 'row')) ?? ''}`.toLowerCase();
  for (const name of names) expect(said).toContain(name.toLowerCase());
  for (const code of [refused.code, refused.nested]) {
    if (code !== undefined) expect(said).toContain(`"${code.toLowerCase()}"`);
  }
}

/** Of the template that a PUT made, once its operation has ended. */
async function provisioningErrorOf(azure: Azure, { body }: SandboxResponse): Promise<string | undefined> {
  azure.later(60);
  const template = (await azure.send('GET', (body as { id: string }).id)).body as TemplateView;
  return template.properties.provisioningError?.provisioningErrorCode;
}

interface TemplateView {
  readonly properties: { readonly provisioningError?: { readonly provisioningErrorCode: string } };
}

async function failed(azure: Azure, answer: SandboxResponse) {
  const ended = await outcome(azure, answer);
  expect(ended).toMatchObject({ status: 'Failed' });
  return ended;
}

/** goldbot meets the same answer: what people read of it, and whether it is worth waiting. */
async function expectTold(azure: Azure, { id }: Refusal, answer: SandboxResponse): Promise<void> {
  const [message, hint, again] = told[id] ?? toldOfPolicy[id] ?? [];
  if (message !== undefined) {
    const { code, message: said } = errorOf(answer);
    const thrown = { name: 'RestError', statusCode: answer.status, code, message: said, details: answer.body };
    const error = toUserError(thrown, doing) as UserError;
    expect(error.message.startsWith(message) || error.message).toBe(true);
    expect(error.hint).toContain(hint);
    expect(error.again).toBe(again);
  }
  if ([asAbsent, toldOfPeople, failedTasks, notRun].some((table) => id in table)) await expectOtherwiseTold(azure, id);
  if (id in failedBuilds) await expectFailureTold(azure, failedBuilds[id] ?? ['', '']);
  if (id in notGone) await expectHeldTold(azure, notGone[id] ?? '');
  const [says, remedy] = notUp[id] ?? [];
  if (says === undefined) return;
  const found = await connect(azure.sandbox, {}).read.testMachine(place, 'vm-row');
  expect(found).toEqual({ state: 'failed', message: expect.stringContaining(says), remedy });
}

/** Not as an error of Azure: as the answer to a question, as no rights, as the end of a change. */
async function expectOtherwiseTold({ sandbox }: Azure, id: string): Promise<void> {
  const { read, directory } = connect(sandbox, { credential: sandboxCredential });
  const path = new URL(sandbox.exchanges.at(-1)?.url ?? '').pathname;
  if (id in asAbsent) expect(await asAbsent[id]?.(read, path)).toBeUndefined();
  if (id in toldOfPeople) {
    const refused = await failure(directory.membersNow('b0bb1e50-0000-4000-8000-000000000003', new Set()));
    expect(refused).toMatchObject({ code: 'DIRECTORY_SILENT', hint: toldOfPeople[id] });
  }
  const puts = sandbox.exchanges.filter(({ method }) => method === 'PUT');
  const task = new URL(puts.at(-1)?.url ?? 'https://nowhere').pathname;
  const command = notRun[id];
  if (command) expect(await command.read(read, task.split('/').at(-1) ?? '')).toMatchObject(command.is);
  if (!(id in failedTasks)) return;
  const remediation = await read.remediation(task);
  const plan = {
    verb: 'remediate',
    target: 'vm-row',
    policy: 'machine-baseline',
    assignment: '/machine-baseline',
  } as never;
  const next = await remediate.next(
    { read: { remediation: async () => remediation }, run: { id: 'R-22222' } } as never,
    plan,
  );
  expect(next).toMatchObject({ kind: 'failed', why: expect.stringContaining(failedTasks[id] ?? '') });
}

/** What stands on the run's card and in the reaper's list. */
async function expectHeldTold({ sandbox }: Azure, says: string): Promise<void> {
  const { read, write } = connect(sandbox, {});
  const left = { kind: 'template', name: 'row', id: '/row', runId: 'R-22222' } as const;
  const { said } = await remove({ read, write: write(held) }, { place, target: ubuntu }, left);
  expect(said.startsWith(says) || said).toBe(true);
}

async function expectFailureTold({ sandbox }: Azure, [says, remedy]: readonly [says: string, remedy: string]) {
  const { read } = connect(sandbox, {});
  const build = await read.build(place, 'row');
  const found = failureOfBuild('message' in build ? build.message : '', await read.buildLog(place, 'row'));
  expect(found.error.startsWith(says) || found.error).toBe(true);
  expect(found.remedy).toBe(remedy);
}

describe('the table of refusals', () => {
  it('tells every refusal that goldbot can meet, be it an answer or what an operation ended with', () => {
    const excused = [...Object.values(neverSent), ...Object.values(neverSentOfPolicy)].flat();
    const tables = [
      told,
      toldOfPolicy,
      toldOfPeople,
      asAbsent,
      failedBuilds,
      failedTasks,
      notGone,
      notUp,
      notRun,
      seenInState,
    ];
    const isTold = (id: string) => excused.includes(id) || tables.some((table) => id in table);
    const untold = refusals.filter(({ id, refused }) => !('silent' in refused) && !isTold(id));

    expect(untold.map(({ id }) => id)).toEqual([]);
    expect(excused.filter((id) => tables.some((table) => id in table))).toEqual([]);
    expect(excused.filter((id) => !refusals.some((row) => row.id === id))).toEqual([]);
  });

  it('has each row once', () => {
    const ids = refusals.map(({ id }) => id);

    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    expect(ids.filter((id) => id in gaps)).toEqual([]);
  });
});

judged('the table of refusals, beside the evidence', () => {
  const held = new Map(refusals.map((row) => [row.id, row]));

  it('expects what was seen, and asserts no code that was not', () => {
    const found = evidence.flatMap((row) => {
      const ours = held.get(row.id);
      return ours ? (disagreement(row, ours.refused) ?? []) : [];
    });

    expect(found).toEqual([]);
    expect([...held.keys()].filter((id) => !evidence.some((row) => row.id === id))).toEqual([]);
  });

  it('has every row of an operation that the sandbox serves, or says why not', async () => {
    const { sandbox } = newSandbox();
    const served = await Promise.all(evidence.map(async (row) => ((await isServed(sandbox, row)) ? [row.id] : [])));
    const ids = served.flat();

    expect(ids.filter((id) => !held.has(id) && !(id in gaps))).toEqual([]);
    expect(Object.keys(gaps).filter((id) => !ids.includes(id))).toEqual([]);
  });
});
