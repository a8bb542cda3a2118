import type { Json, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { templates, textOf } from '../image-builder/section';
import { type Guest, guestOf, setGuest } from './guest';
import { changeGuest, type GuestChange, isOfImage, overrides } from './overrides';

export interface GuestControlOptions {
  /** The guest of a VM that has none of its own yet; undefined when there is no such VM. */
  readonly vmGuest?: (world: World, id: string) => Guest | undefined;
}

/**
 * `POST /_sandbox/guest {image or vm, set}`, and `GET` for what is set.
 *
 * `image` is the id of an image definition, of a version, or an image's short name; `vm` is a VM's id. `set` has
 * `{files?, packages?, services?}`, merged into the guest; null removes one. A version or VM is changed at once. An
 * image changes the candidates whose template still exists and every later build, until `set: null` ends that.
 */
export function guestControlRoutes(world: World, options: GuestControlOptions = {}): Route[] {
  const path = '/_sandbox/guest';
  const host = '*';
  return [
    { method: 'POST', host, path, handle: (request) => control(world, request, options) },
    { method: 'GET', host, path, handle: () => ({ status: 200, body: { overrides: overrides(world) } }) },
  ];
}

function control(world: World, request: SandboxRequest, options: GuestControlOptions): SandboxResponse {
  const body = request.body as { image?: unknown; vm?: unknown; set?: unknown } | null | undefined;
  const problem = badBody(body);
  if (problem !== undefined || !body) return refused(problem ?? 'The body must be a JSON object.');
  const change = body.set as GuestChange | null;
  if (typeof body.vm === 'string') return changeVm(world, body.vm, change, options);
  return changeImage(world, body.image as string, change);
}

function changeVm(world: World, id: string, change: GuestChange | null, options: GuestControlOptions): SandboxResponse {
  const guest = guestOf(world, id) ?? options.vmGuest?.(world, id);
  if (!guest) return refused(`There is no VM ${id} with a guest.`, 404);
  if (change === null) return refused('`set: null` is for images: a VM stays as it was changed.');
  changeGuest(guest, change);
  setGuest(world, id, guest);
  return { status: 200, body: { changed: [id] } };
}

function changeImage(world: World, image: string, change: GuestChange | null): SandboxResponse {
  if (change === null) {
    delete overrides(world)[image];
    return { status: 200, body: { changed: [], later: false } };
  }
  const isVersion = /\/versions\/[^/]+$/i.test(image);
  const ids = isVersion ? [image].filter((id) => guestOf(world, id)) : candidates(world, image);
  if (isVersion && ids.length === 0) return refused(`There is no image version ${image} with a guest.`, 404);
  for (const id of ids) {
    const guest = guestOf(world, id);
    if (!guest) continue;
    changeGuest(guest, change);
    setGuest(world, id, guest);
  }
  if (!isVersion) overrides(world)[image] = change;
  return { status: 200, body: { changed: ids, later: !isVersion } };
}

/** What builds have made and nobody has cleaned up; published versions stay as they are. */
function candidates(world: World, image: string): string[] {
  const outputs = Object.values(templates(world)).flatMap((t) => Object.values(t.outputs));
  return outputs.map((o) => textOf(o['artifactId'])).filter((id) => isOfImage(id, image) && guestOf(world, id));
}

function isMap(value: unknown): value is Record<string, Json> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function badBody(body: { image?: unknown; vm?: unknown; set?: unknown } | null | undefined): string | undefined {
  if (!isMap(body)) return 'The body must be a JSON object.';
  const { image, vm, set } = body;
  if ((typeof image === 'string') === (typeof vm === 'string')) return 'Give either `image` or `vm`.';
  if (set === null) return undefined;
  if (!isMap(set)) return '`set` must be an object or null.';
  const foreign = Object.keys(set).find((name) => !['files', 'packages', 'services', 'registry'].includes(name));
  if (foreign) return `\`set.${foreign}\` is unknown: there are files, packages, services and registry.`;
  for (const [name, entries] of Object.entries(set)) {
    if (!isMap(entries)) return `\`set.${name}\` must be an object.`;
    for (const [key, value] of Object.entries(entries)) {
      const fits =
        value === null ||
        (name === 'services' || name === 'registry'
          ? isMap(value)
          : typeof value === 'string' || (name === 'files' && isMap(value)));
      if (!fits) return `\`set.${name}\` has a value for ${key} that does not fit.`;
    }
  }
  return undefined;
}

function refused(message: string, status = 400): SandboxResponse {
  return { status, body: { error: { code: status === 404 ? 'NotFound' : 'BadRequest', message } } };
}
