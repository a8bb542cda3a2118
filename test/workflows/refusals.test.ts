import type { SignalKind } from '../../core/runs';
import { changeWorkflow } from '../../workflows/change';
import { exempt } from '../../workflows/change/policies';
import type { ChangeContext } from '../../workflows/change/stages';
import { publishWorkflow } from '../../workflows/publish';
import { fixed } from '../dialogs/support/plan';
import { aRun, now } from '../dialogs/support/world';

/** Why a run cannot be told something now, word for word. */
describe('a publish refuses', () => {
  const { refuse } = publishWorkflow({} as never);
  const plan = { request: {}, approvalChannel: 'a', fixed };
  const cancelled = { outcome: 'cancelled', why: 'wrong base', by: 'Ada' } as const;
  const expired = { outcome: 'expired', why: 'nobody decided' } as const;
  it.each<[SignalKind, Parameters<typeof aRun>[1], string, string, string]>([
    ['cancel', { outcome: 'published' }, 'RUN_ENDED', 'R-22222 is over: published.', 'Start a new one.'],
    [
      'cancel',
      { stage: 'cleanup', data: { ending: cancelled } },
      ...(['RUN_BUSY', 'R-22222 is being cancelled already.', 'Watch it.'] as const),
    ],
    [
      'cancel',
      { stage: 'cleanup', data: { ending: expired } },
      'RUN_BUSY',
      'R-22222 has ended (expired) and is being cleaned up; there is nothing to cancel.',
      'Watch it.',
    ],
    [
      'cancel',
      { stage: 'publish' },
      'RUN_PAST_CANCEL',
      'R-22222 has begun to publish ubuntu-22; that cannot be cancelled.',
      'goldbot cannot undo it in this version: exclude the version from latest in Azure.',
    ],
    [
      'cancel',
      { stage: 'replicate', stages: ['publish', 'replicate'] },
      'RUN_PAST_CANCEL',
      'R-22222 has begun to publish ubuntu-22; that cannot be cancelled.',
      'goldbot cannot undo it in this version: exclude the version from latest in Azure.',
    ],
    ...(
      [
        ['rebuild', 'rebuilt: that is for runs that need repair'],
        ['withdraw', 'withdrawn: that is for runs that wait for approval'],
        ['decided', 'decided: that is for runs that wait for approval'],
      ] as const
    ).map(([kind, words]): [SignalKind, object, string, string, string] => [
      kind,
      { stage: 'test' },
      'RUN_BUSY',
      `R-22222 is in the stage test and cannot be ${words}.`,
      'See where it stands.',
    ]),
  ])('%s of %j', (signal, change, code, message, hint) => {
    expect(refuse(signal, aRun('R-22222', { plan, ...change }) as never)).toMatchObject({ code, message, hint });
  });
});

describe('a change refuses', () => {
  const { refuse } = changeWorkflow({ catalogue: () => ({}) } as never);
  it.each<[SignalKind, object, string, string]>([
    ['cancel', { outcome: 'done' }, 'RUN_ENDED', 'R-22222 is over: done.'],
    ['rebuild', {}, 'RUN_BUSY', 'R-22222 is a change, and changes are not rebuilt.'],
    ['cancel', {}, 'RUN_PAST_CANCEL', 'R-22222 is changing vm-1 already (apply); that cannot be cancelled.'],
    ['decided', {}, 'RUN_BUSY', 'R-22222 does not wait for a decision now (it is at apply).'],
  ])('%s of %j', (signal, change, code, message) => {
    const plan = { verb: 'classify', target: 'vm-1' };
    const run = { id: 'R-22222', plan, stage: 'apply', outcome: null, data: {}, ...change };
    expect(refuse(signal, run as never)).toMatchObject({ code, message });
  });
});

it.each<[number, string]>([
  [0, 'failed'],
  [1, 'do'],
])('an exemption that would end in %d ms: %s', async (left, kind) => {
  const until = new Date(now.getTime() + left).toISOString();
  const plan = { verb: 'exempt', machineId: '/vm', target: 'vm-1', team: 'web', assignment: '/a', policy: 'b', until };
  const context = { read: { exemption: async () => undefined }, now, run: { id: 'R-22222', data: {} } };
  const next = await exempt.next(context as unknown as ChangeContext, plan as never);
  expect(next.kind).toBe(kind);
  if (left === 0)
    expect(next).toMatchObject({ why: '23 Nov 2026 has passed; nothing was exempted. Ask again with a later day.' });
});
