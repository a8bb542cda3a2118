import { z } from 'zod';
import { choiceCard, type TattooView, tattooCard } from '../cards';
import type { Catalogue } from '../core/catalogue';
import { UserError } from '../core/errors';
import { imageRef } from '../core/planning';
import type { GalleryVersion, MachineFacts } from '../core/ports';
import { type Tattoo, tattooFromTags, tattooHash } from '../core/tattoo';
import { flag, word } from './arguments';
import { type Answer, type Deps, defineCommand } from './define';
import { ifKnown } from './gallery';

/** `tattoo <vm>`: where a machine came from, by its image reference, its OS disk and the version's tags. */
export const tattoo = defineCommand({
  verb: 'tattoo',
  summary: 'Shows where a machine came from.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({
    machine: word('Virtual machine', 'vm|resource id', { example: 'vm-payments-api-001' }),
    fresh: flag('Ask Azure again'),
  }),
  positional: ['machine'],
  examples: ['tattoo vm-payments-api-001'],

  async run(ctx, { machine: asked }, deps) {
    const found = await deps.looks.machines(asked);
    const [machine] = found;
    if (!machine) {
      throw new UserError('UNKNOWN_MACHINE', `goldbot sees no virtual machine "${asked.slice(0, 120)}".`, {
        hint: 'Use the name or the resource id that the Azure portal shows; `help tattoo` has more.',
      });
    }
    return found.length > 1 ? chooseMachine(asked, found) : tattooCard(await viewOf(machine, ctx.now, deps));
  },
});

function chooseMachine(asked: string, found: readonly MachineFacts[]): Answer {
  return choiceCard({
    message: `Which "${asked}" do you mean?`,
    reason: `${found.length} machines have this name.`,
    choices: found.map(({ id, name, team, location }) => ({
      title: `${team ?? resourceGroupOf(id)}/${name} · ${location}`,
      verb: 'tattoo',
      data: { machine: id },
      command: `tattoo ${id}`,
    })),
  });
}

async function viewOf(machine: MachineFacts, now: Date, deps: Deps): Promise<TattooView> {
  const golden = goldenOf(machine.imageReference, deps.catalogue());
  const version = golden && (await ifKnown(deps.looks.version(golden.ref, golden.version)));
  const tags = version && tattooFromTags(version.tags);
  const image = golden && { image: golden.image, version: golden.version };
  return {
    machine: machine.name,
    resourceId: machine.id,
    sources: [
      { name: 'Image reference', value: shown(machine.imageReference) },
      disk(machine),
      {
        name: 'Tags of the version',
        ...(tags ? { value: tattooHash(tags).slice(0, 16) } : { remark: whyNoTags(golden, version) }),
      },
      { name: 'Guest', remark: 'reading inside the machine is not in this version' },
    ],
    fields: tags ? fieldsOf(tags) : [],
    findings: findings(machine, golden, tags),
    ...(image && { image }),
    asOf: now,
  };
}

type Golden = ReturnType<typeof goldenOf>;

/** The golden version that a reference names; undefined for marketplace images and other galleries. */
function goldenOf(reference: string, catalogue: Catalogue) {
  const found = /\/galleries\/([^/]+)\/images\/([^/]+)\/versions\/([^/]+)$/i.exec(reference);
  if (!found || found[1]?.toLowerCase() !== catalogue.azure.gallery.name.toLowerCase()) return undefined;
  const image = catalogue.images.find((i) => i.imageDefinition.toLowerCase() === found[2]?.toLowerCase());
  return image && { image: image.name, version: found[3] ?? '', ref: imageRef(catalogue.azure, image) };
}

function disk({ diskReference }: MachineFacts) {
  return diskReference
    ? { name: 'OS disk', value: shown(diskReference) }
    : { name: 'OS disk', remark: 'Azure does not say what the disk was made from' };
}

function whyNoTags(golden: Golden, version: GalleryVersion | undefined): string {
  if (!golden) return 'the machine names no golden version';
  return version ? 'the version has no tattoo' : 'the version is not in the gallery any more, or Azure is silent';
}

function findings(machine: MachineFacts, golden: Golden, tags: Tattoo | undefined): TattooView['findings'] {
  const same = machine.diskReference?.toLowerCase() === machine.imageReference.toLowerCase();
  const system = [machine.osName, machine.osVersion].filter(Boolean).join(' ');
  return [
    golden
      ? { mark: 'done', text: `It was deployed from ${golden.image} ${golden.version}.` }
      : { mark: 'needs-person', text: 'It was not deployed from a golden image of the catalogue.' },
    machine.diskReference === undefined
      ? { mark: 'skipped', text: 'The disk says nothing to compare with.' }
      : same
        ? { mark: 'done', text: 'Machine and OS disk name the same source.' }
        : { mark: 'needs-person', text: 'Machine and OS disk name different sources: one was replaced.' },
    ...(tags && system !== ''
      ? [{ mark: 'skipped' as const, text: `Built as ${tags.os}; the machine reports ${system}.` }]
      : []),
  ];
}

function fieldsOf(tags: Tattoo): TattooView['fields'] {
  return Object.entries(tags).map(([name, value]) => ({ name, value: String(value) }));
}

/** `gold/ubuntu-22/1.5.0` of a long id; anything else as it is. */
function shown(reference: string): string {
  return reference.replace(/^.*\/galleries\/([^/]+)\/images\/([^/]+)\/versions\/([^/]+)$/i, '$1/$2/$3');
}

function resourceGroupOf(id: string): string {
  return /\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? '';
}
