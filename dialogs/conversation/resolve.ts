import { type Catalogue, findImage, type ImageConfig } from '../../core/catalogue';
import { UserError } from '../../core/errors';
import { parseRequestId, type RequestId, type Run } from '../../core/runs';
import type { Reads } from '../../store/reads';
import { splitRef } from './arguments';
import type { Command, Values } from './define';
import { nearestFew } from './nearest';

/** The images that a typed name may mean: one when it is sure, several when a person must choose. */
export type Meant =
  | { readonly kind: 'sure'; readonly image: ImageConfig }
  | { readonly kind: 'choose'; readonly among: readonly ImageConfig[] };

/**
 * By name or alias in any case. What only begins like one image is a suggestion, not an answer.
 *
 * @throws UserError `UNKNOWN_IMAGE` with the nearest names.
 */
export function meantImage(catalogue: Catalogue, typed: string, verb: string): Meant {
  const exact = findImage(catalogue, typed);
  if (exact) return { kind: 'sure', image: exact };
  const wanted = typed.toLowerCase();
  const names = (image: ImageConfig) => [image.name, ...image.aliases];
  const like = catalogue.images.filter((i) => wanted.length > 1 && names(i).some((name) => name.includes(wanted)));
  if (like.length > 1) return { kind: 'choose', among: like };
  const near = like[0]?.name ?? nearestImages(catalogue, typed)[0];
  throw new UserError('UNKNOWN_IMAGE', `The catalogue has no image "${typed.slice(0, 60)}".`, {
    hint: near ? `Did you mean \`${verb} ${near}\`? Nothing was done.` : 'See what there is with `images`.',
  });
}

function nearestImages(catalogue: Catalogue, typed: string): readonly string[] {
  const owner = new Map(catalogue.images.flatMap((i) => [i.name, ...i.aliases].map((name) => [name, i.name] as const)));
  return nearestFew(typed, [...owner.keys()]).flatMap((name) => owner.get(name) ?? []);
}

/** The values with every image by its own name, and the argument that a person must choose, if there is one. */
export function resolveImages(
  command: Command,
  values: Values,
  catalogue: Catalogue,
): {
  readonly values: Values;
  readonly image?: string;
  readonly choose?: { arg: string; among: readonly ImageConfig[] };
} {
  const resolved: Record<string, string | number | boolean> = { ...values };
  let image: string | undefined;
  for (const info of command.args) {
    const typed = resolved[info.name];
    if (typeof typed !== 'string' || (info.kind !== 'image' && info.kind !== 'ref')) continue;
    const ref = info.kind === 'ref' ? splitRef(typed) : { image: typed.trim() };
    const meant = meantImage(catalogue, ref.image, command.verb);
    if (meant.kind === 'choose') return { values: resolved, choose: { arg: info.name, among: meant.among } };
    image = meant.image.name;
    resolved[info.name] = 'version' in ref && ref.version ? `${image}@${ref.version}` : image;
  }
  return image === undefined ? { values: resolved } : { values: resolved, image };
}

/** The run that a command with a request is about; undefined for commands without one. */
export async function resolveRun(command: Command, values: Values, reads: Reads): Promise<Run | undefined> {
  const info = command.args.find((a) => a.kind === 'request');
  const typed = info && values[info.name];
  if (typeof typed !== 'string') return undefined;
  const id = parseRequestId(typed);
  return id && runOf(id, reads);
}

/**
 * The run with this id, or the run of the approval with this id.
 *
 * @throws UserError `UNKNOWN_REQUEST`
 */
export async function runOf(id: RequestId, reads: Reads): Promise<Run> {
  const run = (await reads.run(id)) ?? (await reads.runOfApproval(id));
  if (run) return run;
  throw new UserError('UNKNOWN_REQUEST', `There is no request ${id}.`, {
    hint: 'Send `runs` to see the runs, or `approvals` to see what waits for a decision.',
  });
}
