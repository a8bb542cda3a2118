import type { Catalogue } from '../../core/catalogue';
import { changeWorkflow } from '../../workflows/change';
import { rolloutPlan } from '../support/changes';

const now = new Date('2026-12-01T12:00:00Z');
const receiver = { name: 'deployer', url: 'https://r.example.com/', secret: 'S', events: ['redeploy'] };
const catalogue = () => ({ programs: { webhooks: [receiver] } }) as unknown as Catalogue;
const workflow = changeWorkflow({ catalogue } as never);

function told(models: readonly ('pet' | 'cattle' | 'undecided')[], step: object = { kind: 'to', stage: 'track' }) {
  const singles = models.map((model) => ({ id: `/vm/${model}`, name: model, model, version: '1.4.0' }));
  const plan = rolloutPlan({ team: 'web', singles });
  return workflow.tells?.({ id: 'R-22222', plan, data: {} } as never, step as never, now)?.webhooks ?? [];
}

it('tells who redeploys cattle which of them, once, when the scale sets are done', () => {
  const [event, ...others] = told(['pet', 'cattle', 'undecided']);
  expect(others).toEqual([]);
  expect(event).toMatchObject({ eventId: 'R-22222-redeploy-1.5.0', receiver: 'deployer', subject: 'ubuntu-22/1.5.0' });
  expect(JSON.parse(event?.body ?? '')).toMatchObject({
    type: 'goldbot.rollout.redeploy',
    data: { image: 'ubuntu-22', version: '1.5.0', team: 'web', machines: ['/vm/cattle'], run: 'R-22222' },
  });
  expect(told(['pet', 'undecided'])).toEqual([]);
  for (const step of [
    { kind: 'again', ms: 1 },
    { kind: 'end', outcome: 'done', data: { ending: { how: 'done' } } },
  ]) {
    expect(told(['cattle'], step)).toEqual([]);
  }
});
