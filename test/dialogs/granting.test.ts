import type { AzureRead } from '../../core/azure';
import { imageRoles } from '../../core/image-access';
import { dialogWorld } from './support/world';

/** What `grant` and `ungrant` refuse before anybody is asked, and what they ask for otherwise. */

const first = { id: 'b0bb1e50-0000-4000-8000-000000000011', name: 'payments-owners', security: true };
const second = { ...first, id: 'b0bb1e50-0000-4000-8000-000000000012' };
const roleId = '7d1c2a9e-55b1-4a57-8a0b-0f5e1c0d9a01';
const { actions } = imageRoles.create;

function world(found: readonly (typeof first)[] = [first], role?: Awaited<ReturnType<AzureRead['roleByName']>>) {
  return dialogWorld({ groups: async () => [...found], read: { roleByName: async () => role } });
}

const role = (allowed: readonly string[], notActions: readonly string[] = []) => ({
  id: roleId,
  permissions: [{ actions: allowed, notActions }],
});

async function refused(asking: ReturnType<typeof world>, text: string): Promise<string> {
  const answer = await asking.say('grace', text);
  expect(asking.started).toEqual([]);
  return answer.text;
}

describe('grant <group> <right> <image>', () => {
  it('knows no group of that name', async () => {
    const text = await refused(world([]), 'grant nobodies view ubuntu-22');
    expect(text).toContain('Entra has no group “nobodies”.');
    expect(text).toContain('Rights are given to groups alone, not to people.');
  });

  it('asks which of two groups of one name is meant, each by its id and with all that was written', async () => {
    const text = await refused(world([first, second]), 'grant payments-owners view ubuntu-22 --until +3mo');
    expect(text).toContain('Entra has 2 groups called “payments-owners”.');
    expect(text).toContain('Say which one by its object id.');
    for (const { id } of [first, second]) expect(text).toContain(`grant ${id} view ubuntu-22 --until +3mo`);
  });

  it('gives nothing to a group that Azure takes for nobody', async () => {
    const text = await refused(world([{ ...first, security: false }]), 'grant payments-owners view ubuntu-22');
    expect(text).toContain('payments-owners is not a security group: Azure gives it no role.');
    expect(text).toContain('Name a security group.');
  });

  it('says who makes the role, and how, when nobody has', async () => {
    const text = await refused(world(), 'grant payments-owners create ubuntu-22');
    expect(text).toContain('The role golden-image-creator is not there yet.');
    expect(text).toContain(
      'Have an administrator put the subscription into its AssignableScopes and run “az role definition create --role-definition deploy/roles/golden-image-creator.json”.',
    );
  });

  it.each([
    ['more', role([...actions, '*/delete'])],
    ['less', role(actions.slice(1))],
    ['less by what it takes out', role(actions, [actions[0] ?? ''])],
    ['more by a second part', { id: roleId, permissions: [...role(actions).permissions, ...role(['*']).permissions] }],
  ])('gives no role that allows %s than it should', async (_, altered) => {
    const text = await refused(world([first], altered), 'grant payments-owners create ubuntu-22');
    expect(text).toContain('The role golden-image-creator allows something else than deploy/roles/');
    expect(text).toContain('az role definition update');
  });

  it.each([
    ['2020-01-01', 'is in the past'],
    ['soon', 'is not a date'],
  ])('takes no end that is no end: %s', async (until, problem) => {
    const text = await refused(world(), `grant payments-owners view ubuntu-22 --until ${until}`);
    expect(text).toContain(`"${until}" ${problem}; nothing was asked for.`);
    expect(text).toContain('grant payments-owners view ubuntu-22 --until +3mo');
  });

  it('asks for what is missing in words of Entra', async () => {
    const text = await refused(world(), 'grant');
    expect(text).toContain('Security group of Entra');
  });

  it('is for admins', async () => {
    const asking = world();
    await asking.say('ada', 'grant payments-owners view ubuntu-22');
    expect(asking.started).toEqual([]);
  });

  it('asks for the very role and the very group', async () => {
    const asking = world([first], role([...actions].reverse()));
    await asking.say('grace', 'grant payments-owners create ubuntu-22');
    expect(asking.started).toEqual([
      expect.objectContaining({
        plan: expect.objectContaining({
          ...{ verb: 'grant', right: 'create', image: 'ubuntu-22', group: { id: first.id, name: first.name } },
          role: { id: roleId, name: 'golden-image-creator' },
        }),
      }),
    ]);
  });
});
