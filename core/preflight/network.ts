import { nameOfId, parseAzureId, regionKey, sameId } from '../azure-id';
import type { FixedPlan } from '../runs';
import type { Network } from './facts';
import { type Finding, look, stops } from './look';

/** A subnet that the catalogue names, and what it is for. */
interface Named {
  readonly id: string;
  readonly field: 'test.subnetId' | 'build.network.subnetId' | 'build.network.containerInstanceSubnetId';
}

function subnetsOf({ testSubnetId, buildSettings = {} }: FixedPlan): readonly Named[] {
  const { subnetId, containerInstanceSubnetId } = buildSettings.network ?? {};
  return [
    { id: testSubnetId, field: 'test.subnetId' },
    ...(subnetId === undefined ? [] : [{ id: subnetId, field: 'build.network.subnetId' } as const]),
    ...(containerInstanceSubnetId === undefined
      ? []
      : [{ id: containerInstanceSubnetId, field: 'build.network.containerInstanceSubnetId' } as const]),
  ];
}

const networkOf = (subnet: string): string => subnet.replace(/\/subnets\/[^/]+$/i, '');

type Found = readonly (readonly [id: string, network: Network | undefined])[];

export const networks = look<Found>({
  at: 'the networks of builds and tests',
  read: (azure, plan) => {
    const ids = new Map(subnetsOf(plan).map(({ id }) => [networkOf(id).toLowerCase(), networkOf(id)]));
    return Promise.all([...ids.values()].map(async (id) => [id, await azure.network(id)] as const));
  },
  judge: (found, plan) =>
    subnetsOf(plan).flatMap((named) => {
      const network = found.find(([id]) => sameId(id, networkOf(named.id)))?.[1];
      return network ? inNetwork(named, network, plan) : [noNetwork(named, plan)];
    }),
});

function noNetwork({ id, field }: Named, { place }: FixedPlan): Finding {
  const of = parseAzureId(networkOf(id));
  const make = `az network vnet create --subscription ${of?.subscription} --resource-group ${of?.resourceGroup} --name ${of?.name} --location ${place.location}`;
  return {
    ...stops(
      `The virtual network ${networkOf(id)} does not exist.`,
      `Correct \`${field}\` in azure.yaml, or make it:`,
      make,
    ),
    missing: networkOf(id),
  };
}

function inNetwork({ id, field }: Named, network: Network, { place, buildSettings }: FixedPlan): readonly Finding[] {
  const name = nameOfId(id);
  const subnet = network.subnets.find((one) => sameId(one.name, name));
  const of = parseAzureId(networkOf(id));
  if (!subnet) {
    const make = `az network vnet subnet create --subscription ${of?.subscription} --resource-group ${of?.resourceGroup} --vnet-name ${of?.name} --name ${name} --address-prefixes <range>`;
    return [
      {
        ...stops(
          `The virtual network ${nameOfId(networkOf(id))} has no subnet ${name}.`,
          `Correct \`${field}\` in azure.yaml, or make it with a range of its own:`,
          make,
        ),
        missing: id,
      },
    ];
  }
  const found: Finding[] = [];
  if (regionKey(network.location) !== regionKey(place.location)) {
    found.push(
      stops(
        `The subnet ${name} is in ${network.location}; images are built and tested in ${place.location}.`,
        `Name a subnet of ${place.location} as \`${field}\` in azure.yaml; this lists the networks there are:`,
        `az network vnet list --subscription ${of?.subscription} --query "[?location=='${place.location}'].id" --output tsv`,
      ),
    );
  }
  const isContainers = field === 'build.network.containerInstanceSubnetId';
  if (isContainers && !subnet.delegations.some((service) => sameId(service, containerGroups))) {
    found.push(
      stops(
        `The subnet ${name} is not delegated to container instances.`,
        'Delegate it; nothing else may be in it:',
        `az network vnet subnet update --ids ${id} --delegations ${containerGroups}`,
      ),
    );
  }
  const privately = field === 'build.network.subnetId' && !buildSettings?.network?.containerInstanceSubnetId;
  if (privately && subnet.privateLinkServiceNetworkPolicies) {
    found.push(
      stops(
        `The subnet ${name} has network policies for private link services; Image Builder reaches its machine by one.`,
        'Disable them on this subnet, or name a `build.network.containerInstanceSubnetId`:',
        `az network vnet subnet update --ids ${id} --private-link-service-network-policies Disabled`,
      ),
    );
  }
  return found;
}

const containerGroups = 'Microsoft.ContainerInstance/containerGroups';
