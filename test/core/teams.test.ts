import { scopeOf, teamOf, teamTags } from '../../core/access';
import type { Catalogue, TeamConfig } from '../../core/catalogue';

const subscription = '5b1f0c2e-3a41-4f7e-9c55-0d2a7e700001';
const owners = { group: 'b0bb1e50-0000-4000-8000-000000000011', name: 'owners' };

function teams(scopes: Record<string, TeamConfig['scope']>): Catalogue['teams'] {
  const entry = (scope: TeamConfig['scope']) => ({ scope, owners, channel: 'x / ops', digest: false as const });
  return new Map(Object.entries(scopes).map(([name, scope]) => [name, entry(scope)]));
}

const every = teams({
  top: { managementGroup: 'Contoso' },
  near: { managementGroup: 'Online' },
  paying: { subscription: subscription.toUpperCase() },
  group: { resourceGroup: `/subscriptions/${subscription}/resourceGroups/RG-Shop` },
  tagged: { tag: { name: 'Team', value: 'shop' } },
  billed: { tag: { name: 'cost-centre', value: '4711' } },
});
const above = new Map([
  [subscription, ['online', 'contoso']],
  ['other', ['online', 'contoso']],
  ['third', ['corp', 'contoso']],
]);
const at = (sub: string, resourceGroup: string, tags: Record<string, string> = {}) =>
  teamOf(every, { subscription: sub, resourceGroup, tags }, above);

describe('whose a machine is', () => {
  it('is decided by the narrowest scope that names it', () => {
    expect(at(subscription, 'rg-shop', { Team: 'shop' })).toEqual({ team: 'tagged' });
    expect(at(subscription, 'rg-shop')).toEqual({ team: 'group' });
    expect(at(subscription, 'rg-else')).toEqual({ team: 'paying' });
    expect(at('other', 'rg-shop')).toEqual({ team: 'near' });
    expect(at('third', 'rg-shop')).toEqual({ team: 'top' });
    expect(at('unknown', 'rg-shop')).toEqual({ team: null });
  });

  it('does not depend on case, except that of a tag’s value', () => {
    expect(at(subscription.toUpperCase(), 'Rg-SHOP').team).toBe('group');
    expect(at('unknown', 'x', { TEAM: 'shop' }).team).toBe('tagged');
    expect(at('unknown', 'x', { team: 'Shop' }).team).toBeNull();
  });

  it('is nobody’s when tags of two teams claim it', () => {
    expect(at(subscription, 'rg-shop', { team: 'shop', 'Cost-Centre': '4711' })).toEqual({
      team: null,
      claimedBy: ['billed', 'tagged'],
    });
  });

  it('asks Azure for each tag once', () => {
    expect(teamTags(every)).toEqual(['Team', 'cost-centre']);
    const cased = teams({ a: { tag: { name: 'team', value: 'a' } }, b: { tag: { name: 'Team', value: 'b' } } });
    expect(teamTags(cased)).toEqual(['team']);
    expect(teamTags(teams({ a: { managementGroup: 'x' } }))).toEqual([]);
  });

  it('says where to look for the machines of a team', () => {
    const scope = (name: string) => scopeOf(every.get(name) ?? { scope: { managementGroup: '' } }, above);
    expect(scope('tagged')).toEqual({ tag: { name: 'Team', value: 'shop' } });
    expect(scope('group')).toEqual({ resourceGroup: { subscription, resourceGroup: 'rg-shop' } });
    expect(scope('paying')).toEqual({ subscriptions: [subscription] });
    expect(scope('near')).toEqual({ subscriptions: [subscription, 'other'] });
    expect(scope('top')).toEqual({ subscriptions: [subscription, 'other', 'third'] });
  });
});
