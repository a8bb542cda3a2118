import { z } from 'zod';
import type { CopyRow } from '../../cards';
import type { GalleryVersion, Region } from '../../core/azure';
import { regionKey } from '../../core/azure-id';
import { type ImageConfig, machinesOf } from '../../core/catalogue';
import { type CommandCall, call, exampleCall, type Values } from '../../core/command-call';
import { afterCopies, type CopiesPlan, copyAdvice, planCopies } from '../../core/lifecycle';
import { planArgs, planOrStart, refuse, versionNamed } from '../changes';
import { type Deps, defineCommand, flag, imageRef, list, textArg } from '../conversation';
import { costWords, needVersion, pricesOf, trafficWords } from '../present';

/**
 * `replicate <ref> --add region:n --remove region --retry`: where a version has copies and how many; without an option it
 * tells how many Azure advises. Approvers are asked where somebody would take another version by it.
 */
export const replicate = defineCommand({
  verb: 'replicate',
  summary: 'Adds and removes copies of a version in regions; without an option it says how many Azure advises.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  args: z.object({
    ref: imageRef,
    add: list('Regions to add, or to have another number of copies', 'region:n,…', { example: 'East US:3' }).optional(),
    remove: list('Regions to remove', 'a,b', { example: 'UK South' }).optional(),
    retry: flag('Give up what failed, and make it again'),
    reason: textArg('Reason', { example: 'payments opens in East US' }).optional(),
    ...planArgs,
  }),
  examples: [
    'replicate ubuntu-22@1.5.0',
    'replicate ubuntu-22@1.5.0 --add "UK South:3"',
    'replicate ubuntu-22@1.5.0 --remove "East US" --reason "nobody is there"',
    'replicate ubuntu-22@1.5.0 --retry',
  ],

  async run(ctx, asked, deps) {
    const { ref, retry, reason } = asked;
    const named = await versionNamed({ verb: 'replicate', ref }, deps, { deleted: true });
    const { image, gallery, number, all } = named;
    const back = [call('restore', { ref: `${image.name}@${number}` })];
    refuse(
      image,
      named.version ? undefined : `${number} is deleted, and the gallery keeps it: restore it first.`,
      back,
    );
    const version = (await deps.read.version(gallery, number)) ?? needVersion(all, number, image);
    const wish = { add: (asked.add ?? []).map((text) => readCopies(text)), remove: asked.remove ?? [], retry };
    const isAsked = wish.add.length + wish.remove.length > 0 || retry;
    const found = planCopies({
      ...wish,
      image: image.name,
      version,
      configured: image.regions as readonly Region[],
      now: ctx.now,
    });
    if (isAsked && 'message' in found) refuse(image, found.message, found.next);
    const copies = 'message' in found ? none : found;
    await mustBeOffered(image, version, copies, deps);
    const said = { ...(reason !== undefined && { reason }) };
    const base = {
      ...{ verb: 'replicate' as const, image: image.name, gallery, versions: [number], copies },
      ...{ target: `${image.name} ${number}`, team: null, ...said },
    };
    const values = { ref: `${image.name}@${number}`, ...optionsOf(asked), ...said };
    const facts = all.map((one) => (one.version === number ? version : one));
    const shown = (consumers: Consumers) => {
      const rows = rowsOf(version, copies, consumers);
      return { copies: rows, ...(!isAsked && { instead: advisedCall(values.ref, rows) }) };
    };
    const prices = await pricesOf(deps);
    const costs = isAsked ? costWords(afterCopies(version, copies), prices, version) : costWords(version, prices);
    const way = await trafficWords(version, travelling(version, copies), deps);
    const more = [
      ...(isAsked ? [] : [{ title: 'Advice', value: advised }]),
      ...(costs === undefined ? [] : [{ title: 'Cost', value: `${costs}${way}` }]),
    ];
    return planOrStart(
      ctx,
      { ...asked, verb: 'replicate', image, all: facts, values, base, more, freely: true, shown },
      deps,
    );
  },
});

/** Where a first copy has to go: to regions without one, and where one is made again. */
const travelling = ({ regions }: GalleryVersion, { set, again }: CopiesPlan): readonly string[] => [
  ...set.filter(({ name }) => !regions.some((one) => isIn(one, name))).map(({ name }) => name),
  ...again.map(({ name }) => name),
];

type Consumers = Parameters<typeof copyAdvice>[1];

const none: CopiesPlan = { set: [], again: [], remove: [] };

const advised =
  'At least 3 copies in production, one for each 20 machines that start at once, one for each scale set; counted as if all machines of the image in the region started at once.';

/** `East US:3`, or `East US` for as many as the catalogue says. */
function readCopies(text: string): { readonly name: string; readonly replicas?: number } {
  const [, name = text, replicas] = /^(.*?)\s*:\s*(\d{1,9})$/.exec(text) ?? [];
  return { name: name.trim(), ...(replicas !== undefined && { replicas: Number(replicas) }) };
}

function optionsOf({ add, remove, retry }: Asked): Values {
  return {
    ...(add && { add: add.join(', ') }),
    ...(remove && { remove: remove.join(', ') }),
    ...(retry && { retry }),
  };
}

interface Asked {
  readonly add?: readonly string[] | undefined;
  readonly remove?: readonly string[] | undefined;
  readonly retry: boolean;
}

/**
 * A copy where nobody could start a machine helps nobody.
 *
 * @throws UserError `BAD_COMMAND`, `AZ_…`
 */
async function mustBeOffered(
  image: ImageConfig,
  { version, regions }: GalleryVersion,
  { set }: CopiesPlan,
  { read, catalogue }: Deps,
): Promise<void> {
  const added = set.filter(({ name }) => !regions.some((one) => isIn(one, name))).map(({ name }) => name);
  if (added.length === 0) return;
  const { azure } = catalogue();
  const { vmSize } = machinesOf(azure, image).test;
  const next = [exampleCall('replicate', { ref: `${image.name}@${version}`, add: 'UK South:3' })];
  await Promise.all(
    added.map(async (name) => {
      const [size] = await read.machineSizes(azure.subscription, regionKey(name), [vmSize]);
      // What there is not has no sizes either.
      const known = size ? [regionKey(name)] : (await read.regions(azure.subscription)).map(regionKey);
      const isThere = known.includes(regionKey(name));
      refuse(image, isThere ? undefined : `Azure has no region “${name.slice(0, 40)}” for this subscription.`, next);
      refuse(image, size ? undefined : `${name} has no ${vmSize}, which ${image.name} is tested on.`, next);
      const closed = size?.closed;
      refuse(image, closed && `${name} does not give ${vmSize} to this subscription (${closed}).`, next);
    }),
  );
}

/** Every region that the version or somebody who uses the image is in. */
function rowsOf(version: GalleryVersion, copies: CopiesPlan, consumers: Consumers): readonly CopyRow[] {
  const after = afterCopies(version, copies);
  const both = [...version.regions, ...after.regions];
  return copyAdvice({ regions: both }, consumers).map(({ region, replicas: advised, ...users }) => {
    const [now, then] = [version.regions, after.regions].map((all) => all.find((one) => isIn(one, region)));
    return {
      ...{ region, now: now?.replicas ?? 0, after: then?.replicas ?? 0, advised },
      ...(now?.state === 'Failed' && { failed: true }),
      ...users,
    };
  });
}

const isIn = ({ name }: { readonly name: string }, region: string): boolean => regionKey(name) === regionKey(region);

/** The same command with what Azure advises, where a copy is that is not enough of them. */
function advisedCall(ref: string, rows: readonly CopyRow[]): readonly CommandCall[] {
  const few = rows.filter(({ now, advised: enough }) => now > 0 && now < enough);
  const add = few.map(({ region, advised: enough }) => `${region}:${enough}`).join(', ');
  return few.length === 0 ? [] : [call('replicate', { ref, add })];
}
