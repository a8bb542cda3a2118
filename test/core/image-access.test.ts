import { type Assignment, holdings, rightsAmong, scopeKind } from '../../core/image-access';

const definition = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/galleries/gold/images/ubuntu-22';
const versions = 'Microsoft.Compute/galleries/images/versions';

const assigned = (
  actions: readonly string[],
  more: Partial<Assignment> & { notActions?: string[] } = {},
): Assignment => {
  const { notActions = [], ...rest } = more;
  return {
    ...{
      id: '/a',
      principal: { id: 'g', kind: 'group' },
      role: { id: '/r', name: 'Role' },
      scope: definition,
      conditional: false,
    },
    permissions: [{ actions, notActions }],
    ...rest,
  };
};

describe('who may use an image', () => {
  it('is told with the action of the role that allows it, each once', () => {
    expect(holdings([assigned(['*/read', `${versions}/write`])])).toMatchObject([
      { rights: ['view', 'create'], by: ['*/read', `${versions}/write`] },
    ]);
    expect(holdings([assigned(['Microsoft.Compute/galleries/*'])])).toMatchObject([
      { rights: ['view', 'create', 'delete'], by: ['Microsoft.Compute/galleries/*'] },
    ]);
  });

  it('leaves out roles that give no right, and what a role takes away again', () => {
    const few = assigned(['*'], { notActions: [`${versions}/delete`] });
    expect(
      holdings([assigned(['Microsoft.Compute/disks/*', 'Microsoft.Compute/galleries/images/read']), few]),
    ).toMatchObject([{ rights: ['view', 'create'] }]);
  });

  it('has groups before people before services, and what is assigned nearest first', () => {
    const at = (kind: 'group' | 'person' | 'service', scope: string) =>
      assigned(['*'], { principal: { id: `${kind} ${scope}`, kind }, scope });
    const management = '/providers/Microsoft.Management/managementGroups/m';
    const all = [
      at('service', definition),
      at('group', management),
      at('person', definition),
      at('group', '/subscriptions/s'),
      at('group', definition),
    ];
    expect(holdings(all).map(({ principal }) => principal.id)).toEqual([
      `group ${definition}`,
      'group /subscriptions/s',
      `group ${management}`,
      `person ${definition}`,
      `service ${definition}`,
    ]);
  });

  it('is the sum of roles: one gives what another takes away', () => {
    const without = { actions: ['*'], notActions: [`${versions}/*`] };
    expect(rightsAmong([without])).toEqual([]);
    expect(rightsAmong([without, { actions: [`${versions}/read`], notActions: [] }])).toEqual(['view']);
  });

  it.each([
    [definition, 'image'],
    ['/subscriptions/s/resourceGroups/rg/providers/microsoft.compute/Galleries/gold', 'gallery'],
    ['/subscriptions/s/resourcegroups/rg', 'resource group'],
    ['/subscriptions/s', 'subscription'],
    ['/providers/microsoft.management/managementGroups/m', 'management group'],
    ['/', 'tenant'],
  ])('%s is the scope of a %s', (scope, kind) => {
    expect(scopeKind(scope)).toBe(kind);
  });
});
