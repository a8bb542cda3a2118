import type { AzureRead } from '../../core/azure';
import { UserError } from '../../core/errors';
import type { Assignment } from '../../core/image-access';
import { type AgreedEnd, type EndingPlan, shareName } from '../../core/runs';
import { accessPlan, sharePlan } from '../support/changes';
import { dialogWorld, tenant } from './support/world';

const subscription = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001';
const group = 'b0bb1e50-0000-4000-8000-000000000011';

const assigned = (more: Partial<Assignment> = {}): Assignment => ({
  ...{ id: '/a', principal: { id: group, kind: 'group' }, role: { id: '/r', name: 'Reader' }, conditional: false },
  ...{ permissions: [{ actions: ['*/read'], notActions: [] }], scope: subscription },
  ...more,
});

const silent = () => Promise.reject(new UserError('AZ_SILENT', 'Azure did not answer within 5 s.', { hint: 'Later.' }));

function world(
  read: Partial<AzureRead> = {},
  groups = async (id: string) => [{ id, name: 'payments', security: true }],
) {
  return dialogWorld({
    groups,
    read: {
      assignmentsAt: async () => [
        assigned(),
        assigned({ principal: { id: 'p-1', kind: 'person' }, conditional: true }),
      ],
      gallerySharing: async () => ({ madeFor: 'private', subscriptions: [], tenants: [] }),
      ownPermissions: async () => [{ actions: ['*/read'], notActions: [] }],
      builderIdentity: async () => ({ principalId: 'B-1' }),
      ...read,
    },
  });
}

describe('access <image>', () => {
  it('says which group and person may do what, by which action of which role, and what goldbot itself may', async () => {
    const { text } = await world().say('dana', 'access ubuntu-22');
    expect(text).toContain('1 group and 1 person may use ubuntu-22\n');
    expect(text).toMatch(
      /payments \(group\); May: view \(Reader on the subscription [0-9a-f-]+ · it allows reading everything\)/,
    );
    expect(text).toMatch(/p-1 \(person\); May: view · only where its condition holds \(/);
    expect(text).toMatch(/goldbot itself:? may view/);
    expect(text).toContain('Deny assignments are not checked');
  });

  it('calls the management group whose id is the tenant’s what it is, and any other by its name', async () => {
    const at = (name: string) => ({ scope: `/providers/Microsoft.Management/managementGroups/${name}` });
    const { say } = world({
      assignmentsAt: async () => [assigned(at(tenant.toUpperCase())), assigned({ id: '/b', ...at('landing-zones') })],
    });
    const { text } = await say('dana', 'access ubuntu-22');
    expect(text).toContain('Reader on the tenant’s root group, above every subscription');
    expect(text).toContain('Reader on the management group landing-zones');
    expect(text.toLowerCase()).not.toContain(`management group ${tenant}`);
  });

  it('calls the identity of the builds what it is', async () => {
    const assignmentsAt = async () => [assigned({ principal: { id: 'b-1', kind: 'service' as const } })];
    expect((await world({ assignmentsAt }).say('dana', 'access ubuntu-22')).text).toContain(
      'the identity of the builds',
    );
  });

  it('calls goldbot’s own identity what it is, by its token, and by its id where that does not tell', async () => {
    const assignmentsAt = async () => [assigned({ principal: { id: 'g-1', kind: 'service' as const } })];
    const { say, deps } = world({ assignmentsAt });
    expect((await say('dana', 'access ubuntu-22')).text).toContain('g-1 (service)');
    Object.assign(deps.house, { ownIdentity: async () => 'g-1' });
    expect((await say('dana', 'access ubuntu-22')).text).toContain('goldbot’s own identity (service)');
    Object.assign(deps.house, { ownIdentity: silent });
    expect((await say('dana', 'access ubuntu-22')).text).toContain('g-1 (service)');
  });

  it('says what is missing, and shows the rest', async () => {
    const shut = async () => {
      throw new UserError('DIRECTORY_SILENT', 'Microsoft Graph did not say.', { hint: 'Later.' });
    };
    const half = world({ gallerySharing: silent, ownPermissions: silent, builderIdentity: silent }, shut);
    const { text } = await half.say('dana', 'access ubuntu-22');
    expect(text).toContain('3 figures are missing');
    expect(text).toContain(group);
    expect(text).not.toContain('goldbot itself');
  });

  it('is refused when Azure does not tell of roles: nobody is not the same as not known', async () => {
    const { text } = await world({ assignmentsAt: silent }).say('dana', 'access ubuntu-22');
    expect(text).toContain('Azure did not answer');
    expect(text).not.toContain('No role assignment');
  });

  it('says until when somebody has what goldbot gave, and what is still to be taken back', async () => {
    const end = (plan: EndingPlan, name: string, at: string): AgreedEnd => ({ name, plan, at: new Date(at) });
    const to = { kind: 'tenant', id: 't-1' } as const;
    const shared = sharePlan('unshare', { to });
    const { say, deps } = world({
      assignmentsAt: async () => [
        assigned({ id: '/x/roleAssignments/N-1' }),
        assigned({ id: '/x/roleAssignments/n-2' }),
      ],
      gallerySharing: async () => ({ madeFor: 'groups', subscriptions: ['s-1'], tenants: ['T-1'] }),
    });
    Object.assign(deps.reads, {
      agreedEnds: async () => [
        end(accessPlan('ungrant'), 'n-1', '2026-11-20T09:00:00Z'),
        end(accessPlan('ungrant'), 'n-2', '2027-03-01T12:30:00Z'),
        end(shared, shareName(shared.gallery, to), '2027-04-01T09:00:00Z'),
      ],
    });
    const { text } = await say('dana', 'access ubuntu-22');
    expect(text).toContain('May: view · ended 20 Nov 2026; goldbot is taking it back (');
    expect(text).toContain('May: view · until 1 Mar 2027 (');
    expect(text).toContain('subscription s-1, tenant T-1 until 1 Apr 2027, which is another organisation’s');
  });

  it.each([
    ['groups', 'with nobody yet'],
    ['community', 'with everybody in Azure'],
    ['private', 'with nobody'],
  ] as const)('tells of a gallery made for %s: %s', async (madeFor, said) => {
    const gallerySharing = async () => ({ madeFor, subscriptions: [], tenants: [] });
    expect((await world({ gallerySharing }).say('dana', 'access ubuntu-22')).text).toContain(said);
  });
});
