import type { Run } from '../../core/runs';
import { mayNotDecide } from '../../dialogs/changes/tell';
import type { CommandContext } from '../../dialogs/conversation/command';

it('names a change by its verb and its machine to whom may not decide about it, never by an id of Azure', () => {
  const person = { oid: 'a5', name: 'Linus' };
  const run = {
    id: 'R-XY93B',
    kind: 'change',
    subject: 'exempt:/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm-1',
    actors: [{ ...person, did: 'requested' }],
    plan: { verb: 'exempt', target: 'vm-1' },
  };

  const refusal = mayNotDecide('approve')({ person } as CommandContext, run as unknown as Run, {});

  expect(refusal).toMatchObject({ code: 'APPROVAL_OWN', facts: { change: 'exempt vm-1' } });
  expect(JSON.stringify(refusal?.facts)).not.toContain('/subscriptions/');
});
