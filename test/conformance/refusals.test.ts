import type { SandboxResponse } from '../../sandbox/kernel/types';
import { refusals } from './refusals';
import { type Azure, errorOf, newSandbox, openAzure, outcome } from './refusals/azure';
import { disagreement, evidence, isServed } from './refusals/evidence';
import { gaps, toCome } from './refusals/gaps';
import type { Refusal } from './refusals/row';
import { judged } from './shared';

describe('the sandbox refuses what Azure refuses', () => {
  it.each(refusals.map((row) => [row.id, row] as const))('%s, on its condition alone', async (_, row) => {
    const azure = openAzure();
    await row.given?.(azure);
    await expectRefused(azure, row, await row.request(azure));
    if ('silent' in row.refused) return;

    const other = openAzure();
    const accepted = await (row.fine ?? row.request)(other);

    expect(accepted.status < 300 || accepted).toBe(true);
    expect(await outcome(other, accepted)).toMatchObject({ status: 'Succeeded' });
  });
});

async function expectRefused(azure: Azure, { refused, names = [] }: Refusal, answer: SandboxResponse): Promise<void> {
  if (!('status' in refused)) expect(answer.status < 300 || answer).toBe(true);
  if ('silent' in refused) return refused.silent(azure, answer);
  const { code, target } = { target: undefined, ...refused };
  const said = 'status' in refused ? errorOf(answer) : (await failed(azure, answer)).error;
  if ('status' in refused) expect(answer.status).toBe(refused.status);
  expect(said).toMatchObject({ ...(code !== undefined && { code }), ...(target !== undefined && { target }) });
  for (const name of names) expect(said?.message.toLowerCase()).toContain(name.toLowerCase());
}

async function failed(azure: Azure, answer: SandboxResponse) {
  const ended = await outcome(azure, answer);
  expect(ended).toMatchObject({ status: 'Failed' });
  return ended;
}

describe('the table of refusals', () => {
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

    expect(ids.filter((id) => !held.has(id) && !(id in gaps) && !toCome.test(id))).toEqual([]);
    expect(Object.keys(gaps).filter((id) => !ids.includes(id))).toEqual([]);
  });
});
