import type { PreflightRead } from '../../core/preflight';

const everything = [{ actions: ['*'], notActions: [] }];

/** Azure as it is when nothing stands in the way of a build. */
export const roomForAll: PreflightRead = {
  coreUsages: async () => [
    { name: 'cores', used: 8, limit: 100 },
    { name: 'standardDSv5Family', used: 8, limit: 100 },
  ],
  containerUsages: async () => [{ name: 'StandardCores', used: 0, limit: 100 }],
  machineSizes: async (_subscription, _location, names) =>
    names.map((name) => ({ name, family: 'standardDSv5Family', cores: 2 })),
  builderIdentity: async () => ({ principalId: '11111111-0000-4000-8000-000000000001' }),
  grants: async (subscription) => [{ scope: `/subscriptions/${subscription}`, permissions: everything }],
  ownPermissions: async () => everything,
  providers: async (_subscription, namespaces) =>
    namespaces.map((namespace) => ({ namespace, state: 'Registered', regions: new Map() })),
  network: async () => ({
    location: 'westeurope',
    subnets: ['s', 'tests', 'builds', 'containers'].map((name) => ({
      name,
      delegations: name === 'containers' ? ['Microsoft.ContainerInstance/containerGroups'] : [],
      privateLinkServiceNetworkPolicies: false,
    })),
  }),
  locksOver: async () => [],
  policyDenials: async () => [],
  termsAccepted: async () => true,
  groupState: async () => ({ location: 'westeurope', isEmpty: true }),
};
