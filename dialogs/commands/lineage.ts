import { z } from 'zod';
import { lineageCard } from '../../cards';
import type { Gap } from '../../core/compliance';
import { isCandidate } from '../../core/images';
import { familyOf, readRelatives } from '../../core/lifecycle';
import { defineCommand, imageRef } from '../conversation';
import { imageOf, needVersion } from '../present';

/** `lineage <ref>`: what a version was built from, what was built from it, and whose machines stand on what has a successor. */
export const lineage = defineCommand({
  verb: 'lineage',
  summary:
    'Shows what versions were built from and what was built from them, with the machines of each and who is behind.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({ ref: imageRef }),
  examples: ['lineage ubuntu-22', 'lineage ubuntu-22@1.4.1'],

  async run(ctx, { ref }, deps) {
    const catalogue = deps.catalogue();
    const { image } = imageOf(catalogue, ref.image);
    const relatives = await readRelatives(deps.read, catalogue, image);
    const all = relatives.get(image.name)?.all ?? [];
    const wanted = ref.version === undefined ? undefined : needVersion(all, ref.version, image).version;
    const versions =
      wanted === undefined ? all.filter((one) => !isCandidate(one)).map(({ version }) => version) : [wanted];
    // Whose machines a person may not see are not counted for them, and what they may not look at is not named.
    const seen = new Map(
      [...relatives].map(([name, { all: own, consumers }]) => [
        name,
        { all: own, consumers: consumers.filter(({ kind, team }) => kind !== 'machines' || ctx.rights.sees(team)) },
      ]),
    );
    const kin = familyOf(image.name, versions, { relatives: seen, catalogue }).filter(
      ({ image: name, isKept }) => !isKept || ctx.rights.has('viewer', name),
    );
    const read = [...relatives.values()];
    const others: readonly Gap[] = ctx.rights.seesAll ? [] : [{ figure: 'machines', reason: 'other teams' }];
    return lineageCard({
      ...{ image: image.name, kin, gaps: [...others, ...read.flatMap(({ gaps }) => gaps)] },
      asOf: new Date(Math.min(...read.map((one) => one.asOf.getTime()))),
      ...(wanted !== undefined && { version: wanted }),
    });
  },
});
