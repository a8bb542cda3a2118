import { z } from 'zod';
import { changeLines, type DiffView, diffCard } from '../../cards';
import type { GalleryVersion } from '../../core/azure';
import { sourceWords } from '../../core/build-source';
import type { Catalogue } from '../../core/catalogue';
import { call } from '../../core/command-call';
import {
  type Contents,
  type ContentsChanges,
  compareContents,
  compareFindings,
  findingsIn,
  fromCycloneDx,
} from '../../core/contents';
import { UserError } from '../../core/errors';
import { type Tattoo, tattooFromTags } from '../../core/images';
import { type FixedPlan, parseRequestId } from '../../core/runs';
import { type Answer, type Deps, defineCommand, flag, imageName, versionWord } from '../conversation';
import { asMessage, imageOf, needVersion, versionsOf, whyNothingInside } from '../present';

/** `diff <image> <v1> <v2>`: what is inside, base, OS, recipe and regions side by side. */
export const diff = defineCommand({
  verb: 'diff',
  summary: 'Compares two versions of an image.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({
    image: imageName,
    from: versionWord,
    to: versionWord.default('latest'),
    all: flag('Everything that changed inside, as text'),
  }),
  examples: ['diff ubuntu-22 1.4.0 1.5.0', 'diff ubuntu-22 previous latest', 'diff ubuntu-22 1.4.0 1.5.0 --all'],

  async run(_ctx, { image: name, from, to, all: whole }, deps) {
    const { image } = imageOf(deps.catalogue(), name);
    const versions = await versionsOf(image, deps);
    const [a, b] = [needVersion(versions, from, image), needVersion(versions, to, image)];
    if (a.version === b.version) {
      throw new UserError('BAD_COMMAND', `Both are ${name} ${a.version}.`, {
        hint: 'Name two versions.',
        next: [call('diff', { image: name, from: 'previous', to: 'latest' })],
      });
    }
    const contents = await contentsBetween(name, a.version, b.version, deps);
    if (whole && 'changes' in contents) return inWords(`${name}: ${a.version} → ${b.version}`, contents.changes);
    const [before, after] = [tattooFromTags(a.tags), tattooFromTags(b.tags)];
    const recipe = before && after && (await recipeChanges(before, after, deps));
    return diffCard({
      image: name,
      from: a.version,
      to: b.version,
      ...(before &&
        after && {
          source: { from: sourceWords(before.source), to: sourceWords(after.source) },
          os: { from: before.os, to: after.os },
        }),
      contents,
      ...(recipe && { recipe }),
      regions: regionChanges(a, b),
    });
  },
});

function inWords(title: string, changes: ContentsChanges): Answer {
  const lines = changeLines(changes);
  return { text: asMessage([title, ...(lines.length === 0 ? ['Nothing inside is different.'] : lines)]) };
}

async function contentsBetween(
  image: string,
  from: string,
  to: string,
  { reads, catalogue }: Deps,
): Promise<DiffView['contents']> {
  const kept = await reads.contents(image, [from, to]);
  const [before, after] = [kept.get(from), kept.get(to)];
  if (before && after) return between(fromCycloneDx(before.document), fromCycloneDx(after.document), catalogue());
  const missing = [from, to].filter((version) => !kept.has(version));
  const gaps = missing.map(async (version) => ({ version, gap: await whyNothingInside(reads, image, version) }));
  return { gaps: await Promise.all(gaps) };
}

function between(before: Contents, after: Contents, { vulnerabilities: list }: Catalogue): DiffView['contents'] {
  const found = list && compareFindings(findingsIn(before, list), findingsIn(after, list));
  return {
    changes: compareContents(before, after),
    ...(found && { vulnerabilities: { ...found, ...(list.asOf !== undefined && { asOf: list.asOf }) } }),
  };
}

/** By step if goldbot still has both plans, otherwise by hash alone. */
async function recipeChanges(before: Tattoo, after: Tattoo, deps: Deps): Promise<readonly string[]> {
  if (before.recipe === after.recipe) return [];
  const [a, b] = await Promise.all([planOf(before, deps), planOf(after, deps)]);
  const hashes = `${before.recipe.slice(0, 8)} → ${after.recipe.slice(0, 8)}`;
  return a && b ? stepChanges(a, b) : [hashes];
}

async function planOf(tattoo: Tattoo, deps: Deps): Promise<FixedPlan | undefined> {
  const id = parseRequestId(tattoo.run);
  const run = id && (await deps.reads.run(id));
  const fixed = run?.kind === 'publish' && run.plan.fixed;
  return fixed && fixed.recipeHash === tattoo.recipe ? fixed : undefined;
}

function stepChanges(before: FixedPlan, after: FixedPlan): readonly string[] {
  const [a, b] = [stepsOf(before), stepsOf(after)];
  return [
    ...[...b.keys()].filter((name) => !a.has(name)).map((name) => `${name} is new`),
    ...[...a.keys()].filter((name) => !b.has(name)).map((name) => `${name} is gone`),
    ...[...b].filter(([name, step]) => a.has(name) && a.get(name) !== step).map(([name]) => `${name} changed`),
  ];
}

function stepsOf({ recipe }: FixedPlan): ReadonlyMap<string, string> {
  return new Map([...recipe.customize, ...recipe.validate].map((s) => [s.name ?? s.type, JSON.stringify(s)]));
}

function regionChanges(before: GalleryVersion, after: GalleryVersion): readonly string[] {
  const replicas = (v: GalleryVersion) => new Map(v.regions.map((r) => [r.name, r.replicas]));
  const [a, b] = [replicas(before), replicas(after)];
  return [
    ...[...b].filter(([name]) => !a.has(name)).map(([name, n]) => `${name} ×${n} is new`),
    ...[...a.keys()].filter((name) => !b.has(name)).map((name) => `${name} is gone`),
    ...[...b].flatMap(([name, n]) => {
      const was = a.get(name);
      return was !== undefined && was !== n ? [`${name} ×${was} → ×${n}`] : [];
    }),
  ];
}
