import type { GalleryVersion } from '../../core/azure';
import { findImage, type ImageConfig } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { hashOf } from '../../core/hash';
import { isCandidate, versionTags, whyCandidate } from '../../core/images';
import { familyOf, type Relatives, readRelatives } from '../../core/lifecycle';
import { approvalRule, type Descendant, stepsOf, type VersionPlan, type VersionVerb } from '../../core/runs';
import { type CommandContext, type Deps, flag } from '../conversation';
import { imageOf } from '../present';

/** What is done to a version and, if asked, to what was built from it: one plan, one approval. */

export const familyArgs = {
  descendants: flag('Also what was built from it, under the same approval', { form: false }),
};

interface Family {
  readonly plan?: Pick<VersionPlan, 'descendants' | 'target'>;
  readonly more: readonly { readonly title: string; readonly value: string }[];
  /** What was read of each image. */
  readonly relatives: Relatives;
}

/**
 * What was built from the version: what goldbot keeps goes with it, children first; the rest is named.
 *
 * @throws UserError when a person, or those who approve, may not decide about one of them.
 */
export async function familyIn(
  { rights, now }: CommandContext,
  { image, number, verb }: { readonly image: ImageConfig; readonly number: string; readonly verb: VersionVerb },
  deps: Deps,
): Promise<Family> {
  const catalogue = deps.catalogue();
  const relatives = await readRelatives(deps.read, catalogue, image);
  const kin = familyOf(image.name, [number], { relatives, catalogue }).filter(({ depth }) => depth > 0);
  const goes: Descendant[] = [];
  const stays: string[] = [];
  for (const { image: name, version } of [...kin].reverse()) {
    const found = relatives.get(name)?.all.find((one) => one.version === version);
    const config = findImage(catalogue, name);
    const why = !found || !config ? 'goldbot does not keep it' : whyStays(found, verb);
    if (!found || !config || why !== undefined) {
      stays.push(`${name} ${version} (${why})`);
      continue;
    }
    const others = hashOf(groupsOf(config)) !== hashOf(groupsOf(image));
    const mine = rights.has('admin', name);
    const alone = `${verb} it by itself.`;
    if (!mine) throw notTogether(image, `${name} ${version} was built from it, and you may not ${verb} ${name}.`);
    if (others) throw notTogether(image, `${config.approval.groupName} decides about ${name} ${version}: ${alone}`);
    const { endOfLife, blockDeletionBeforeEndOfLife: blocks } = found;
    const lifts = verb === 'retire' && blocks && endOfLife && endOfLife > now ? endOfLife.toISOString() : undefined;
    goes.push({ image: name, gallery: imageOf(catalogue, name).ref, version, ...(lifts !== undefined && { lifts }) });
  }
  const listed = goes.map((one) => `${one.image} ${one.version}`).join(', ');
  return {
    relatives,
    ...(goes.length > 0 && {
      plan: { descendants: goes, target: `${image.name} ${number} and ${goes.length} built from it` },
    }),
    more: [
      { title: 'Before it', value: goes.length > 0 ? `${listed}: built from it.` : 'Nothing that was built from it.' },
      ...(stays.length > 0 ? [{ title: 'Stay', value: stays.join(', ') }] : []),
    ],
  };
}

/** Whose members decide about an image, in their order. */
const groupsOf = (image: ImageConfig) => stepsOf(approvalRule(image)).map(({ group, quorum }) => ({ group, quorum }));

/** Why a descendant is left alone: a clause. */
function whyStays(found: GalleryVersion, verb: VersionVerb): string | undefined {
  if (isCandidate(found)) return whyCandidate(found).replace(/^(was|is) /, '');
  const isHidden = found.excludedFromLatest && found.tags[versionTags.state] === 'revoked';
  return verb === 'revoke' && isHidden ? 'revoked already' : undefined;
}

const notTogether = ({ name }: ImageConfig, message: string): UserError =>
  new UserError('BAD_COMMAND', message, {
    hint: 'See what was built from what.',
    next: [call('lineage', { ref: name })],
  });
