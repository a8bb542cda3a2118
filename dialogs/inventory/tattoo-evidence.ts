import type { GalleryVersion, MachineFacts } from '../../core/azure';
import type { Catalogue } from '../../core/catalogue';
import { type Gap, type Machine, type MachineCompliance, questions } from '../../core/compliance';
import { goldenGallery, imageRef, type TattooEvidence } from '../../core/images';
import type { Deps } from '../conversation';
import type { Seen } from './machine';

export interface Evidence {
  readonly machine: Machine;
  readonly evidence: TattooEvidence;
  /** The golden version that it was deployed from, by its reference. */
  readonly golden?: { readonly image: string; readonly version: string };
  /** Absent: the version has no tattoo, or Azure is silent. */
  readonly tags?: Readonly<Record<string, string>>;
  /** What guest configuration found about the tattoo inside. */
  readonly check?: MachineCompliance['guest'][number];
  /** True when Azure says that nothing checks it; it may also have said nothing. */
  readonly unchecked: boolean;
  readonly gaps: readonly Gap[];
}

/** What the places that know a machine say, without running anything on it. */
export async function evidenceOf(deps: Deps, { machine }: Seen, facts: MachineFacts | undefined): Promise<Evidence> {
  const catalogue = deps.catalogue();
  const { ask, gaps } = questions();
  const { images } = goldenGallery(catalogue, []);
  const imageReference = facts?.imageReference ?? referenceOf(machine);
  const golden = goldenOf(imageReference, images);
  const [versions, compliance] = await Promise.all([
    golden ? ask('versions', versionsOf(deps, catalogue, golden.image)) : [],
    ask('tattoo check', deps.read.machineCompliance(machine.id)),
  ]);
  const check = compliance?.guest.find(({ name }) => /tattoo/i.test(name));
  const tagsOf = (image: string, version: string) =>
    image === golden?.image ? versions?.find((v) => v.version === version)?.tags : undefined;
  const tags = golden && tagsOf(golden.image, golden.version);
  const { diskReference, osName, osVersion } = facts ?? {};
  return {
    machine,
    evidence: {
      imageReference,
      ...(diskReference && { diskReference }),
      ...(osName && { osName }),
      ...(osVersion && { osVersion }),
      guest: { absent: whyUnread(machine, check) },
      images,
      tagsOf,
    },
    ...(golden && { golden }),
    ...(tags && { tags }),
    ...(check && { check }),
    unchecked: compliance !== undefined && check === undefined,
    gaps,
  };
}

/** A gallery version id or `publisher:offer:sku:version`, as `MachineFacts` has it; Resource Graph knows all machines. */
function referenceOf({ source, version }: Machine): string {
  if (source === '') return '';
  return source.startsWith('/') ? `${source}/versions/${version}` : `${source}:${version}`;
}

function goldenOf(reference: string, images: ReadonlyMap<string, string>) {
  const found = /^(\/.+\/images\/[^/]+)\/versions\/([^/]+)$/i.exec(reference);
  const image = images.get(found?.[1]?.toLowerCase() ?? '');
  return image === undefined ? undefined : { image, version: found?.[2] ?? '' };
}

async function versionsOf(deps: Deps, catalogue: Catalogue, name: string): Promise<readonly GalleryVersion[]> {
  const image = catalogue.images.find((i) => i.name === name);
  return image ? deps.read.versions(imageRef(catalogue.azure, image)) : [];
}

/** The check says whether there is a tattoo inside, not what stands in it. */
function whyUnread({ type, name }: Machine, check: Evidence['check']): string {
  if (check?.status === 'NonCompliant' && check.reasons.length > 0)
    return `guest configuration says: ${check.reasons.join(' ')}`;
  if (type !== 'vm') return 'goldbot reads inside of virtual machines alone';
  return `its guest was not read (tattoo ${name} --fresh reads it)`;
}
