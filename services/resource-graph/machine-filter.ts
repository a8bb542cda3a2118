import type { MachineFilter, MachineScope } from '../../core/compliance';
import { kqlString, kqlStrings } from './kql';

/** Azure takes names of tags in any case and keeps them as they were first written; KQL knows one case at a time. */
export function tagValue(name: string): string {
  const lower = name.toLowerCase();
  const spellings = [name, lower, name.toUpperCase(), lower.slice(0, 1).toUpperCase() + lower.slice(1)];
  return `tostring(coalesce(${spellings.map((tag) => `tags[${kqlString(tag)}]`).join(', ')}))`;
}

/** Before the columns of `described`, so that most rows never get them. */
export function inScope(scope: MachineScope): string {
  if ('tag' in scope) return `| where ${tagValue(scope.tag.name)} == ${kqlString(scope.tag.value)}`;
  if ('subscriptions' in scope) {
    return scope.subscriptions.length === 0
      ? '| where 1 == 0'
      : `| where subscriptionId in~ (${kqlStrings(scope.subscriptions)})`;
  }
  const { subscription, resourceGroup } = scope.resourceGroup;
  return `| where subscriptionId =~ ${kqlString(subscription)} and resourceGroup =~ ${kqlString(resourceGroup)}`;
}

export function conditions({
  source,
  version,
  model,
  notGolden,
  inScaleSet,
  name,
  createdSince,
  ids,
}: MachineFilter): string[] {
  return [
    ...(source === undefined ? [] : [`| where source in (${kqlStrings(sourceNames(source))})`]),
    ...(version === undefined ? [] : [`| where version == ${kqlString(version)}`]),
    ...(model === 'undecided' ? ["| where model !in ('pet', 'cattle')"] : []),
    ...(model === 'pet' || model === 'cattle' ? [`| where model == ${kqlString(model)}`] : []),
    ...(notGolden ? [`| where not(${inGallery(notGolden.gallery)})`] : []),
    ...(inScaleSet ? ["| where machineType == 'instance' or isnotempty(properties.virtualMachineScaleSet.id)"] : []),
    ...(name === undefined ? [] : [`| where name =~ ${kqlString(name)}`]),
    ...(createdSince ? [`| where todatetime(properties.timeCreated) >= datetime(${createdSince.toISOString()})`] : []),
    ...(ids === undefined ? [] : [`| where tolower(id) in (${kqlStrings(ids.map((id) => id.toLowerCase()))})`]),
  ];
}

/** Instances of uniform sets have the set in their own ids, others name it: either may go on after the name. */
export function ofScaleSet(name: string): string {
  return `| where strcat(tolower(setId), '/') contains ${kqlString(`/virtualmachinescalesets/${name.toLowerCase()}/`)}`;
}

/** By the gallery's id, or by its name wherever it is; through direct sharing machines name it by neither. */
function inGallery(gallery: string): string {
  const name = gallery.toLowerCase();
  const [, subscription, own = name] = /^\/subscriptions\/([^/]+)\/.*\/galleries\/([^/]+)$/.exec(name) ?? [];
  const id = subscription
    ? `source startswith ${kqlString(`${name}/images/`)}`
    : `source contains ${kqlString(`/galleries/${name}/images/`)}`;
  const shared = subscription
    ? `source startswith ${kqlString(`/sharedgalleries/${subscription}-${own}/images/`)}`
    : `(source startswith '/sharedgalleries/' and source contains ${kqlString(`-${name}/images/`)})`;
  return `${id} or ${shared}`;
}

/** A definition by its id and as machines name it that have it through direct sharing; always two texts. */
export function sourceNames(source: string): readonly [string, string] {
  const name = source.toLowerCase();
  const parts = /^\/subscriptions\/([^/]+)\/.*\/galleries\/([^/]+)\/images\/([^/]+)$/.exec(name);
  return [name, parts ? `/sharedgalleries/${parts[1]}-${parts[2]}/images/${parts[3]}` : name];
}
