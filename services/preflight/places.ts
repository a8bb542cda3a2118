import { nameOfId, regionKey } from '../../core/azure-id';
import type { ManagementLock, PreflightRead, Subnet } from '../../core/preflight';
import { arm, armList, type Fields, fieldsOf, type ReadContext, textOf, unlessMissing } from '../azure';

export function placesRead(azure: ReadContext): Pick<PreflightRead, 'network' | 'locksOver' | 'groupState'> {
  return {
    /**
     * A virtual network with its subnets, by its id; undefined when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/providers/Microsoft.Network/virtualNetworks/{name}
     */
    network: (id) =>
      azure.ask('asking about the network', async () => {
        const found = await unlessMissing(arm(azure, { method: 'GET', path: id, version: '2024-05-01' }));
        if (!found) return undefined;
        const { location, properties } = fieldsOf(found.body);
        const { subnets } = fieldsOf(properties);
        return {
          location: textOf(location) ?? '',
          subnets: (Array.isArray(subnets) ? subnets : []).map((subnet) => subnetOf(fieldsOf(subnet))),
        };
      }),

    /**
     * Locks on a scope and on everything above it.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET {scope}/providers/Microsoft.Authorization/locks?$filter=atScope()
     */
    locksOver: (scope) =>
      azure.ask('asking for management locks', async () => {
        const path = `${scope}/providers/Microsoft.Authorization/locks`;
        const found = await armList(azure, { path, version: '2020-05-01', query: '$filter=atScope()' });
        return found.flatMap(lockOf);
      }),

    /**
     * Where a resource group is and whether anything is in it, by its id; undefined when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/resourceGroups/{name}, GET …/resourceGroups/{name}/resources?$top=1
     */
    groupState: (id) =>
      azure.ask(`asking about the resource group “${nameOfId(id)}”`, async () => {
        const version = '2021-04-01';
        const found = await unlessMissing(arm(azure, { method: 'GET', path: id, version }));
        if (!found) return undefined;
        const within = await armList(azure, { path: `${id}/resources`, version, query: '$top=1', enough: 1 });
        return { location: textOf(fieldsOf(found.body)['location']) ?? '', isEmpty: within.length === 0 };
      }),
  };
}

/** What a subscription as a whole has agreed to: resource providers, and terms of purchase plans. */
export function subscriptionRead(azure: ReadContext): Pick<PreflightRead, 'providers' | 'termsAccepted'> {
  return {
    /**
     * Resource providers as a subscription has them; one call each.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET /subscriptions/{id}/providers/{namespace}
     */
    providers: (subscription, namespaces) =>
      azure.ask('asking for the resource providers', () =>
        Promise.all(
          namespaces.map(async (namespace) => {
            const path = `/subscriptions/${subscription}/providers/${namespace}`;
            const { body } = await arm(azure, { method: 'GET', path, version: '2021-04-01' });
            const { registrationState, resourceTypes } = fieldsOf(body);
            return { namespace, state: textOf(registrationState) ?? 'unknown', regions: regionsOf(resourceTypes) };
          }),
        ),
      ),

    /**
     * Whether somebody has accepted the terms of a purchase plan for a subscription.
     *
     * @throws UserError `AZ_BAD_REQUEST` (no such plan), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine/publishers/{p}/offers/{o}/plans/{n}/agreements/current
     */
    termsAccepted: (subscription, { publisher, product, name }) =>
      azure.ask(`asking whether the terms of ${publisher}:${product}:${name} are accepted`, async () => {
        const path = `/subscriptions/${subscription}/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine/publishers/${publisher}/offers/${product}/plans/${name}/agreements/current`;
        const { body } = await arm(azure, { method: 'GET', path, version: '2021-01-01' });
        return fieldsOf(fieldsOf(body)['properties'])['accepted'] === true;
      }),
  };
}

/** By resource type. What is offered everywhere names no region. */
function regionsOf(resourceTypes: unknown): ReadonlyMap<string, readonly string[]> {
  const types = (Array.isArray(resourceTypes) ? resourceTypes : []).map(fieldsOf);
  return new Map(
    types.map(({ resourceType, locations }) => [
      textOf(resourceType) ?? '',
      (Array.isArray(locations) ? locations : []).flatMap((one) => textOf(one) ?? []).map(regionKey),
    ]),
  );
}

function subnetOf({ name, properties }: Fields): Subnet {
  const { delegations, privateLinkServiceNetworkPolicies: policies } = fieldsOf(properties);
  return {
    name: textOf(name) ?? '',
    delegations: (Array.isArray(delegations) ? delegations : []).flatMap(
      (one) => textOf(fieldsOf(fieldsOf(one)['properties'])['serviceName']) ?? [],
    ),
    // Azure's default.
    privateLinkServiceNetworkPolicies: (textOf(policies) ?? 'Enabled').toLowerCase() === 'enabled',
  };
}

function lockOf({ id, properties }: Fields): ManagementLock[] {
  const [text, level] = [textOf(id), textOf(fieldsOf(properties)['level'])];
  if (text === undefined || (level !== 'CanNotDelete' && level !== 'ReadOnly')) return [];
  return [
    { id: text, level, scope: text.slice(0, text.toLowerCase().lastIndexOf('/providers/microsoft.authorization')) },
  ];
}
