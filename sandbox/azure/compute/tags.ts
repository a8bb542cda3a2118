import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { object, type Resource, text } from './resource';
import { compute } from './section';
import { findVm, keepVm } from './vm-shared';

const path = '/{scope+}/providers/Microsoft.Resources/tags/default';
/** For any resource: a name may have at most 512 characters, a value at most 256. */
const mostTags = 50;

/**
 * Tags of machines as a resource of their own, which is how two who tag at the same time keep each other's. Machines,
 * scale sets and Arc machines have them here; Azure does it at every scope.
 */
export function tagRoutes(world: World): Route[] {
  return [
    { method: 'GET', path, handle: (_, params) => get(world, params) },
    { method: 'PATCH', path, handle: (request, params) => patch(world, request, params) },
  ];
}

const idOf = (params: Params): string => `/${params['scope'] ?? ''}`;

function get(world: World, params: Params): SandboxResponse {
  const found = compute(world).resources[key(idOf(params))] ?? findVm(world, idOf(params));
  return found ? { status: 200, body: view(found) } : missing(params);
}

function patch(world: World, { body }: SandboxRequest, params: Params): SandboxResponse {
  const id = idOf(params);
  const found = compute(world).resources[key(id)] ?? keepVm(world, id);
  if (!found) return missing(params);
  const given = object(object(object(body)['properties'])['tags']) as Record<string, string>;
  const after = applied(text(object(body)['operation']), found.tags ?? {}, given);
  if (!after) {
    return armError(400, 'InvalidTagPatchOperation', "The tag operation must be one of 'Replace, Merge, Delete'.");
  }
  const refused = tagProblem(id, after);
  if (refused) return refused;
  found.tags = after;
  return { status: 200, body: view(found) };
}

type Tags = Readonly<Record<string, string>>;

/** Tag names are case-insensitive; the existing casing stays. Undefined for an unknown operation. */
function applied(operation: string | undefined, before: Tags, given: Tags): Record<string, string> | undefined {
  switch (operation?.toLowerCase()) {
    case 'replace':
      return { ...given };
    case 'merge': {
      const after: Record<string, string> = { ...before };
      for (const [name, value] of Object.entries(given)) after[ownName(before, name) ?? name] = value;
      return after;
    }
    case 'delete': {
      const going = Object.entries(given).flatMap(([name, value]) => {
        const own = ownName(before, name);
        return own !== undefined && (value === '' || value === before[own]) ? [own] : [];
      });
      return Object.fromEntries(Object.entries(before).filter(([name]) => !going.includes(name)));
    }
    default:
      return undefined;
  }
}

function ownName(tags: Tags, name: string): string | undefined {
  return Object.keys(tags).find((own) => own.toLowerCase() === name.toLowerCase());
}

/** Why no resource can have these tags; the same limits everywhere. */
export function tagProblem(id: string, tags: Tags): SandboxResponse | undefined {
  const count = Object.keys(tags).length;
  if (count > mostTags) {
    const message = `The number of tags on resource '${id}' would be '${count}'; at most '${mostTags}' are allowed.`;
    return armError(400, 'TagCountExceedsLimit', message);
  }
  const long = Object.entries(tags).find(([name, value]) => name.length > 512 || String(value).length > 256);
  if (long) {
    return armError(400, 'InvalidTagNameOrValueLength', `The tag '${long[0].slice(0, 40)}' is too long.`);
  }
  const odd = Object.keys(tags).find((name) => /[<>%&\\?/]/.test(name) || name.trim() === '');
  if (odd === undefined) return undefined;
  const message = `The tag name '${odd}' contains characters that are not allowed: '<,>,%,&,\\,?,/', or none at all.`;
  return armError(400, 'InvalidTagNameCharacters', message);
}

/** ARM's own look at the tags of whatever is written. */
export function tagRefusal({ method, url, body }: SandboxRequest): SandboxResponse | undefined {
  if (method !== 'PUT' && method !== 'PATCH') return undefined;
  const { tags } = object(body);
  return tags === undefined ? undefined : tagProblem(url.pathname, object(tags) as Record<string, string>);
}

function view({ id, tags }: Resource) {
  return {
    id: `${id}/providers/Microsoft.Resources/tags/default`,
    name: 'default',
    type: 'Microsoft.Resources/tags',
    properties: { tags: tags ?? {} },
  };
}

function missing(params: Params): SandboxResponse {
  const [, group = '', type = '', name = ''] =
    /\/resourceGroups\/([^/]+)\/providers\/(.+)\/([^/]+)$/i.exec(idOf(params)) ?? [];
  const message = `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`;
  return armError(404, 'ResourceNotFound', message);
}
