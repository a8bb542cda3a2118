import type { Leftover } from '../../core/azure';
import { UserError } from '../../core/errors';
import type { PublishData } from '../../core/runs';
import { hours, minutes } from '../../core/time';
import { publishWorkflow } from '../../workflows/publish';
import { spacingMs } from '../../workflows/publish/leftovers';
import { exampleCatalogue } from '../support/catalogue';

const start = new Date('2026-11-27T17:00:00Z');
const place = { subscription: 's', resourceGroup: 'rg-image-builds', location: 'westeurope' };
const fixed = { image: 'ubuntu-22', version: '1.6.0', place, target: { definition: 'ubuntu-22' } };

const thing = (kind: Leftover['kind'], name: string, runId = 'R-7F3KQ'): Leftover => ({
  id: `/${name}`,
  kind,
  name,
  runId,
});
const [template, machine] = [thing('template', 't'), thing('machine', 'm')];
const candidate = thing('version', 'ubuntu-22@1.6.0');

/** A clean-up over a resource group that a test fills; each step's data is the next one's. */
function cleaning(there: Leftover[], outcome = 'cancelled', outcomes: Readonly<Record<string, string>> = {}) {
  const deps = { catalogue: exampleCatalogue, outcomeOf: async (id: string) => outcomes[id] };
  const stage = publishWorkflow(deps as never, { secondLookMs: 30_000 }).stages.find(({ name }) => name === 'cleanup');
  const deleted: string[] = [];
  const states = new Map<string, string>();
  const refusals = new Map<string, UserError>();
  const remove = async (name: string) => {
    const refusal = refusals.get(name);
    if (refusal) throw refusal;
    deleted.push(name);
    if (!states.has(name))
      there.splice(
        there.findIndex((one) => one.name.endsWith(name)),
        1,
      );
  };
  let data: PublishData = { ending: { outcome: outcome as 'cancelled', why: 'x' } };
  let now = start;
  const read = {
    leftovers: async () => [...there],
    build: async (_: unknown, name: string) => ({ state: states.get(name) ?? 'succeeded' }),
    testMachine: async (_: unknown, name: string) => ({ state: states.get(name) ?? 'ready' }),
    version: async () => ({ provisioningState: 'Succeeded' }),
  };
  const write = {
    cancelBuild: async (_: unknown, name: string) => void deleted.push(`cancel ${name}`),
    deleteTemplate: (_: unknown, name: string) => remove(name),
    deleteTestMachine: (_: unknown, name: string) => remove(name),
    deleteVersion: (_: unknown, version: string) => remove(version),
  };
  return {
    ...{ there, deleted, states, refusals },
    data: () => data,
    async step(later = 0) {
      now = new Date(now.getTime() + later);
      const run = { id: 'R-7F3KQ', kind: 'publish', subject: 'ubuntu-22', attempt: 1, plan: { fixed }, data };
      const step = await stage?.run({ run, read, write, now, inbox: [] } as never);
      data = { ...data, ...step?.data } as PublishData;
      return step;
    },
  };
}

describe('the end of a run', () => {
  it.each([
    ['cancelled', { said: 'x' }],
    ['published', { said: 'x', version: '1.6.0' }],
  ])('%s, tells auditors what came of it', async (outcome, audit) => {
    const azure = cleaning([], outcome);
    await azure.step();
    const step = await azure.step();
    expect(step).toMatchObject({ kind: 'end', outcome });
    expect(JSON.parse(JSON.stringify(step && 'audit' in step ? step.audit : undefined))).toEqual(audit);
  });
});

describe('the clean-up', () => {
  it('deletes the template first, then the machine, and what they could bring back or use last', async () => {
    const azure = cleaning([candidate, machine, template]);
    for (let n = 0; n < 3; n += 1) await azure.step();
    expect(azure.deleted).toEqual(['t', 'm', '1.6.0']);
  });

  it('takes a machine while the template is going, and no candidate before both are gone', async () => {
    const azure = cleaning([candidate, machine, template]);
    azure.states.set('t', 'deleting');
    for (let n = 0; n < 3; n += 1) await azure.step();
    expect(azure.deleted).toEqual(['m']);
    azure.there.splice(azure.there.indexOf(template), 1);
    await azure.step();
    expect(azure.deleted).toEqual(['m', '1.6.0']);
  });

  it('cancels a build before it deletes its template', async () => {
    const azure = cleaning([template]);
    azure.states.set('t', 'running');
    await azure.step();
    azure.states.delete('t');
    await azure.step();
    expect(azure.deleted).toEqual(['cancel t', 't']);
  });

  it('looks a second time after a lease, finds what a late request made, and looks twice again', async () => {
    const azure = cleaning([]);
    expect(await azure.step()).toMatchObject({ kind: 'again', machineMs: 30_000 });
    azure.there.push(machine);
    expect(await azure.step()).toMatchObject({ kind: 'again' });
    expect(azure.deleted).toEqual(['m']);
    expect(await azure.step()).toMatchObject({ kind: 'again', machineMs: 30_000 });
    expect(await azure.step()).toMatchObject({ kind: 'end', outcome: 'cancelled', leftovers: [] });
  });

  it('keeps what the run published', async () => {
    const azure = cleaning([candidate, thing('version', 'ubuntu-22@1.5.9')], 'published');
    await azure.step();
    expect(azure.deleted).toEqual(['1.5.9']);
    expect(await azure.step()).toMatchObject({ machineMs: 30_000 });
  });

  it.each([
    ['template', template, hours(6)],
    ['machine', machine, hours(6)],
    ['version', candidate, hours(6)],
  ] as const)('waits for a %s as long as it may, not longer, and goes on without it', async (kind, left, ms) => {
    const azure = cleaning([left]);
    azure.refusals.set(
      left.name.replace(/.*@/, ''),
      new UserError('AZ_CONFLICT', 'It is locked.', { hint: 'Unlock it.' }),
    );
    await azure.step();
    expect(await azure.step(ms)).toMatchObject({
      kind: 'again',
      data: { cleaning: { [left.name]: { said: 'It is locked.' } } },
    });
    expect(await azure.step(1)).toMatchObject({
      kind: 'again',
      data: { handed: [left.name], cleaned: [] },
      leftovers: [{ kind, name: left.name, since: start, answer: 'It is locked.', place: { place } }],
    });
    await azure.step();
    expect(await azure.step()).toMatchObject({ kind: 'end' });
  });

  it('leaves silence and throttling to the engine, which knows how long to wait', async () => {
    const azure = cleaning([machine]);
    azure.refusals.set('m', new UserError('AZ_THROTTLED', 'Slow down.', { hint: 'Wait.', retryAfterMs: 5_000 }));
    await expect(azure.step()).rejects.toMatchObject({ code: 'AZ_THROTTLED' });
  });

  it('leaves things of ended runs to the reaper at once, and those of open or unknown ones alone', async () => {
    const azure = cleaning(
      [
        thing('machine', 'of-ended', 'R-22222'),
        thing('version', 'ubuntu-22@1.4.0', 'R-33333'),
        thing('template', 'of-open', 'R-44444'),
      ],
      'cancelled',
      { 'R-22222': 'failed', 'R-33333': 'published' },
    );
    expect(await azure.step()).toMatchObject({
      leftovers: [
        { name: 'of-ended', runId: 'R-22222', dueAt: start, answer: 'it was found after its run had cleaned up' },
      ],
    });
    await azure.step();
    expect(await azure.step()).toMatchObject({ kind: 'end' });
    expect(azure.deleted).toEqual([]);
  });

  it('asks often at first, and rarely about what takes long', async () => {
    const azure = cleaning([machine]);
    azure.states.set('m', 'deleting');
    const steps = [await azure.step(), await azure.step(minutes(10)), await azure.step(minutes(100))];
    expect(steps.map((step) => step?.kind === 'again' && step.ms)).toEqual([20_000, minutes(2), minutes(15)]);
  });
});

describe('the rhythm of the reaper', () => {
  it.each([
    [0, minutes(10)],
    [1, minutes(20)],
    [7, minutes(1_280)],
    [8, hours(24)],
    [1_000, hours(24)],
  ])('is, after %d looks, %d ms', (looks, ms) => {
    expect(spacingMs(looks)).toBe(ms);
  });
});
