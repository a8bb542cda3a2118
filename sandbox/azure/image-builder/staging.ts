import { createHash, randomUUID } from 'node:crypto';
import type { Json } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { resourceGroups } from '../compute/groups';
import type { Resource, ResourceGroup } from '../compute/resource';
import { compute } from '../compute/section';
import { condition } from '../conditions';
import { type Denial, denialOf } from '../policy/refusal';
import { lacking, serviceMay } from './rights';
import { objectOf, type Template, textOf } from './section';

/** ARM's limit for the name of a resource group; a staging group's name is cut to fit. */
const longestGroupName = 90;

export const accountType = 'Microsoft.Storage/storageAccounts';

/** The id of the group that a template names, if any; Image Builder takes it without its first slash, too. */
export const stagingGroupOf = ({ properties }: Template): string =>
  textOf(properties['stagingResourceGroup']).replace(/^(?=subscriptions\/)/i, '/');

/**
 * Where a template's builds happen: its own `IT_…` group or the one it names, with a storage account for the logs.
 * Answers with what a policy says against one of them; nothing has been made then.
 */
export function createStaging(world: World, template: Template): Denial | undefined {
  const given = stagingGroupOf(template);
  const suffix = `_${randomUUID()}`;
  const name = `IT_${template.resourceGroup}_${template.name}`.slice(0, longestGroupName - suffix.length) + suffix;
  const groupId = given || `/subscriptions/${template.subscriptionId}/resourceGroups/${name}`;
  const groups = resourceGroups(world);
  const ownsGroup = groups[key(groupId)] === undefined;
  const staging = { groupId, account: accountName(groupId, template.name), ownsGroup };
  const group = groupOf(template, groupId);
  const account = accountOf({ ...template, staging });
  const wanted = [...(ownsGroup ? [{ ...group, type: groupType }] : []), account];
  const denied = wanted.map((one) => denialOf(world, { id: one.id, type: one.type, body: { ...one } as Json }));
  const denial = denied.find((one) => one !== undefined);
  if (denial) return denial;
  groups[key(groupId)] ??= group;
  template.staging = staging;
  template.properties['exactStagingResourceGroup'] = groupId;
  return undefined;
}

/** As Azure Policy calls what ARM answers as `Microsoft.Resources/resourceGroups`. */
const groupType = 'Microsoft.Resources/subscriptions/resourceGroups';

const accountName = (groupId: string, template: string): string =>
  createHash('sha256')
    .update(groupId + template)
    .digest('hex')
    .slice(0, 24);

/** What a build makes carries the tags that its template says, beside Image Builder's own. */
export const managedTags = ({ properties }: Pick<Template, 'properties'>): Record<string, string> => ({
  ...(objectOf(properties['managedResourceTags']) as Record<string, string>),
  createdBy: 'AzureVMImageBuilder',
});

function groupOf(template: Template, id: string): ResourceGroup {
  return {
    id,
    name: id.split('/').at(-1) ?? '',
    type: 'Microsoft.Resources/resourceGroups',
    location: template.location,
    tags: {
      ...managedTags(template),
      imageTemplateName: template.name,
      imageTemplateResourceGroupName: template.resourceGroup,
    },
    properties: { provisioningState: 'Succeeded' },
  };
}

const removeAccount = 'Microsoft.Storage/storageAccounts/delete';

/** A group of Image Builder's own goes as a whole; in one of the user's it deletes its things, if it may. */
export function removeStaging(world: World, template: Template): void {
  const { staging } = template;
  if (!staging) return;
  if (staging.ownsGroup) {
    delete resourceGroups(world)[key(staging.groupId)];
    return;
  }
  const remove = { action: removeAccount, scope: staging.groupId };
  if (!lacking(world, template, [remove]) || serviceMay(world, remove)) return;
  const account = accountOf(template);
  compute(world).resources[key(account.id)] = account;
}

/** The storage account that Image Builder makes for the logs and disks of its builds. */
export function accountOf(template: Template): Resource {
  const { staging, location } = template;
  const name = staging?.account ?? '';
  return {
    sku: { name: 'Standard_LRS', tier: 'Standard' },
    kind: 'StorageV2',
    id: `${staging?.groupId}/providers/${accountType}/${name}`,
    name,
    type: accountType,
    location,
    tags: managedTags(template),
    properties: {
      provisioningState: 'Succeeded',
      primaryEndpoints: { blob: `https://${name}.blob.core.windows.net/` },
    },
  };
}

/** What keeps Azure from deleting a staging group; undefined when nothing does. */
export function heldStaging(world: World, { staging }: Template) {
  const group = staging?.groupId ?? '';
  if (condition(world, 'staging', { group })['privateEndpoint'] !== true) return undefined;
  const network = `${group}/providers/Microsoft.Network`;
  const message = `Network interface ${network}/networkInterfaces/pe-nic is in use with private endpoint ${network}/privateEndpoints/pe and cannot be deleted.`;
  return { code: 'NicInUseWithPrivateEndpoint', message };
}
