import type { GalleryVersion, ImageRef } from '../../core/azure';
import { call, type Values } from '../../core/command-call';
import { isCopyOf, isShown, secondImageRef } from '../../core/lifecycle';
import type { Descendant, VersionVerb } from '../../core/runs';
import { type Deps, flag } from '../conversation';
import { ifKnown } from '../present';
import { refuse } from './refuse';
import type { VersionNamed } from './versions';

/** What stands in the second gallery of a version that is taken away, and that it goes too, if asked: one plan, one approval. */

export const secondArgs = {
  second: flag('Also its copy in the second gallery, under the same approval', { form: false }),
};

interface InSecond {
  /** The copy, when it goes too. */
  readonly copy?: Descendant;
  readonly more: readonly { readonly title: string; readonly value: string }[];
  /** Words of the command that take the copy along; absent where none is offered. */
  readonly instead?: Values;
}

interface Asked {
  readonly verb: VersionVerb;
  readonly second: boolean;
  readonly now: Date;
}

/** @throws UserError `BAD_COMMAND` when a copy is meant to go that is not there. */
export async function inSecond({ verb, second, now }: Asked, named: VersionNamed, deps: Deps): Promise<InSecond> {
  const { image, number, version } = named;
  const gallery = secondImageRef(deps.catalogue().azure, image);
  if (second) refuse(image, gallery ? undefined : 'The catalogue names no second gallery.', [call('parity')]);
  if (!gallery || (verb !== 'revoke' && verb !== 'retire')) return { more: [] };
  const asked = await ifKnown(deps.read.version(gallery, number).then((there) => ({ there })));
  const title = `In ${gallery.gallery}`;
  const there = asked?.there;
  const why = whyNot({ there, version, named, gallery: gallery.gallery, isKnown: asked !== undefined });
  if (why !== undefined || !there) {
    if (second) refuse(image, why, [call('parity', { image: image.name })]);
    return { more: [{ title, value: why ?? '' }] };
  }
  const ref = { image: image.name, gallery, version: number };
  if (!second) {
    const how = isShown(there) ? 'it goes on being offered' : 'it stays, out of latest';
    return {
      more: [{ title, value: `${how}; with --second it goes under the same approval` }],
      instead: { second: true },
    };
  }
  const own = verb === 'retire' ? await retiring({ there, gallery }, now, deps) : undefined;
  return {
    copy: { ...ref, ...own?.plan },
    more: [{ title, value: `its copy goes first${own?.words ?? ''}` }],
  };
}

interface Standing {
  readonly there: GalleryVersion | undefined;
  readonly version: GalleryVersion | undefined;
  readonly named: VersionNamed;
  readonly gallery: string;
  readonly isKnown: boolean;
}

/** Why no copy goes along: a sentence. */
function whyNot({ there, version, named, gallery, isKnown }: Standing): string | undefined {
  if (!isKnown) return `Azure did not say whether ${gallery} has a copy: ask parity once it does.`;
  if (!there) return `${gallery} has no copy of ${named.number}.`;
  if (version && isCopyOf(there, version, named.gallery)) return undefined;
  return `${gallery} has another version of that number, which is left alone.`;
}

/** What that gallery and the copy say about being deleted. */
async function retiring(
  { there, gallery }: { readonly there: GalleryVersion; readonly gallery: ImageRef },
  now: Date,
  { read }: Deps,
) {
  const keeps = await read.keepsDeleted(gallery);
  const { endOfLife, blockDeletionBeforeEndOfLife: blocks } = there;
  const lifts = blocks && endOfLife && endOfLife > now ? { lifts: endOfLife.toISOString() } : {};
  return {
    plan: { keeps, ...lifts },
    words: keeps ? '; that gallery keeps it for a week as well' : '; that gallery keeps nothing that is deleted',
  };
}
