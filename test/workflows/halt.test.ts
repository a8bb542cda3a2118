import { UserError } from '../../core/errors';
import type { SetProgress } from '../../core/lifecycle';
import { goesOnWords, halted, halting } from '../../workflows/change/halt';

const id = '/subscriptions/s/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachineScaleSets/front';
const set = { id, name: 'front' };
const one: SetProgress = { on: 1, of: 3, state: 'now' };
const refusal = (code: 'AZ_FORBIDDEN' | 'AZ_CONFLICT' | 'AZ_SILENT') => new UserError(code, 'no', { hint: '-' });

const next = (
  upgrade: 'running' | 'cancelled' | 'completed' | undefined,
  halt?: SetProgress['halt'],
  error?: Error,
) => {
  const cancelUpgrade = async () => {
    if (error) throw error;
  };
  return halting(
    { write: { cancelUpgrade } as never },
    { set, upgrade, progress: { [id]: { ...one, ...(halt && { halt }) } } },
  );
};
const done = async (error?: Error) => {
  const step = next('running', undefined, error);
  return step?.kind === 'do' ? (await step.act()).rollout?.[id]?.halt : step;
};

it('has Azure stop what it upgrades, once, and waits until it has', async () => {
  expect(await done()).toBe('asked');
  expect(next('running', 'asked')).toMatchObject({ kind: 'wait', progress: 'Azure stops upgrading front' });
  for (const over of ['cancelled', 'completed', undefined] as const) expect(next(over, 'asked')).toBeUndefined();
});

it('tells the owner how, where its role does not cover that; what is over already is no error', async () => {
  expect(await done(refusal('AZ_FORBIDDEN'))).toBe('forbidden');
  expect(await done(refusal('AZ_CONFLICT'))).toBe('asked');
  await expect(done(refusal('AZ_SILENT'))).rejects.toThrow('no');
  expect(next('running', 'forbidden')).toBeUndefined();
  expect(goesOnWords(set, { ...one, halt: 'forbidden' })).toBe(
    'Azure goes on with it: goldbot may not stop that, and whoever owns the set does with az vmss rolling-upgrade cancel --resource-group rg-web --name front',
  );
  expect(goesOnWords(set, one)).toBe('Azure goes on with it by itself');
});

it('calls nothing failed that was cancelled with its rollout', () => {
  const failed = { [id]: { ...one, state: 'failed', note: 'was not upgraded by Azure' } } as const;
  expect(halted({ set, upgrade: 'cancelled', progress: failed })[id]).toEqual({
    ...{ ...one, halt: 'asked', note: 'had its upgrade by Azure cancelled' },
  });
  expect(halted({ set, upgrade: 'faulted', progress: failed })).toBe(failed);
});
