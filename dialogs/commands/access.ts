import { z } from 'zod';
import { type AccessRow, accessCard } from '../../cards';
import type { GalleryRef } from '../../core/azure';
import { definitionId, nameOfId } from '../../core/azure-id';
import { questions } from '../../core/compliance';
import { isUserError } from '../../core/errors';
import {
  type GallerySharing,
  type Holding,
  holdings,
  rightsAmong,
  scopeKind,
  shareesOf,
} from '../../core/image-access';
import { shareName } from '../../core/runs';
import { type Deps, defineCommand, imageName } from '../conversation';
import { imageOf } from '../present';

/** `access <image>`: who may view, create and delete its versions in Azure, and by which role. */
export const access = defineCommand({
  verb: 'access',
  summary: 'Shows who may view, create and delete versions of an image in Azure, and by which role.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({ image: imageName }),
  examples: ['access ubuntu-22', 'access jammy'],

  async run(ctx, { image: name }, deps) {
    const { ref } = imageOf(deps.catalogue(), name);
    const { ask, gaps } = questions();
    const [assignments, sharing, own, self, builds, ends] = await Promise.all([
      deps.read.assignmentsAt(ref),
      ask('shares', deps.read.gallerySharing(ref)),
      ask('own rights', deps.read.ownPermissions(definitionId(ref))),
      // Only names: without them an identity is called by its id.
      deps.house.ownIdentity().catch(nothingIfRefused),
      deps.read.builderIdentity(deps.catalogue().azure.identity).catch(nothingIfRefused),
      deps.reads.agreedEnds(),
    ]);
    const until = new Map(ends.map(({ name, at }) => [name, at]));
    const held = holdings(assignments);
    const names = await ask('group names', namesOf(held, deps));
    const known = new Map([
      ...(names ?? []),
      [builds?.principalId.toLowerCase() ?? '', 'the identity of the builds'],
      [self ?? '', 'goldbot’s own identity'],
    ]);
    const tenants = deps.tenants.map((tenant) => tenant.toLowerCase());
    return accessCard({
      image: name,
      rows: held.map((one) => rowOf(one, { names: known, tenants }, until.get(nameOfId(one.id).toLowerCase()))),
      people: new Set(held.filter(({ principal }) => principal.kind === 'person').map((one) => one.principal.id)).size,
      ...(own && { goldbot: rightsAmong(own) }),
      ...(sharing && { sharing, shareEnds: endsOfShares(sharing, ref, until) }),
      gaps,
      asOf: ctx.now,
    });
  },
});

function nothingIfRefused(error: unknown): undefined {
  if (!isUserError(error)) throw error;
}

/** What Entra calls these groups, by id. One that it has no more is called by its id. */
async function namesOf(held: readonly Holding[], { groups }: Pick<Deps, 'groups'>): Promise<Map<string, string>> {
  const ids = held.flatMap(({ principal }) => (principal.kind === 'group' ? [principal.id] : []));
  const found = await Promise.all([...new Set(ids)].map((id) => groups(id)));
  return new Map(found.flat().map(({ id, name }) => [id, name]));
}

function endsOfShares(
  sharing: GallerySharing,
  gallery: GalleryRef,
  until: ReadonlyMap<string, Date>,
): ReadonlyMap<string, Date> {
  const ends = shareesOf(sharing).map((one) => [one.id, until.get(shareName(gallery, one))] as const);
  return new Map(ends.flatMap(([id, at]) => (at ? [[id, at] as const] : [])));
}

function rowOf(
  { principal, role, scope, ...rest }: Holding,
  { names, tenants }: { readonly names: ReadonlyMap<string, string>; readonly tenants: readonly string[] },
  until: Date | undefined,
): AccessRow {
  return {
    ...{ rights: rest.rights, by: rest.by, conditional: rest.conditional },
    kind: principal.kind,
    who: names.get(principal.id) ?? principal.id,
    role: role.name,
    at: scopeKind(scope),
    name: nameOfId(scope),
    isRoot: scopeKind(scope) === 'management group' && tenants.includes(nameOfId(scope).toLowerCase()),
    ...(until && { until }),
  };
}
