import { createHash, randomUUID } from 'node:crypto';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { resourceGroups } from '../compute/groups';
import { objectOf, type Template, textOf } from './section';

/** ARM's limit for the name of a resource group; a staging group's name is cut to fit. */
const longestGroupName = 90;

/** The id of the group that a template names, if any; Image Builder takes it without its first slash, too. */
export const stagingGroupOf = ({ properties }: Template): string =>
  textOf(properties['stagingResourceGroup']).replace(/^(?=subscriptions\/)/i, '/');

/** Where a template's builds happen: its own `IT_…` group or the one it names, with a storage account for the logs. */
export function createStaging(world: World, template: Template): void {
  const given = stagingGroupOf(template);
  const suffix = `_${randomUUID()}`;
  const name = `IT_${template.resourceGroup}_${template.name}`.slice(0, longestGroupName - suffix.length) + suffix;
  const groupId = given || `/subscriptions/${template.subscriptionId}/resourceGroups/${name}`;
  const groups = resourceGroups(world);
  const ownsGroup = groups[key(groupId)] === undefined;
  groups[key(groupId)] ??= {
    id: groupId,
    name: groupId.split('/').at(-1) ?? name,
    type: 'Microsoft.Resources/resourceGroups',
    location: template.location,
    tags: {
      ...(objectOf(template.properties['managedResourceTags']) as Record<string, string>),
      createdBy: 'AzureVMImageBuilder',
      imageTemplateName: template.name,
      imageTemplateResourceGroupName: template.resourceGroup,
    },
    properties: { provisioningState: 'Succeeded' },
  };
  const account = createHash('sha256')
    .update(groupId + template.name)
    .digest('hex')
    .slice(0, 24);
  template.staging = { groupId, account, ownsGroup };
  template.properties['exactStagingResourceGroup'] = groupId;
}

export function removeStaging(world: World, template: Template): void {
  if (template.staging?.ownsGroup) delete resourceGroups(world)[key(template.staging.groupId)];
}
