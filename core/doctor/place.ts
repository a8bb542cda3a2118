import type { GalleryRef, ImageDefinition, ImageTraits } from '../azure';
import { definitionId, regionKey, resourceGroupId, resourceId, sameId, subscriptionId } from '../azure-id';
import { sourceTitle } from '../build-source';
import type { AzureConfig, Catalogue, ImageConfig } from '../catalogue';
import { grouped } from '../collections';
import { isUserError, UserError } from '../errors';
import {
  type BaseRead,
  type BaseVersion,
  baseKey,
  basesTogether,
  createGallery,
  definitionCommand,
  galleryRef,
  imageRef,
  latestBase,
  misfitsOf,
  readBases,
  secondGalleryRef,
} from '../images';
import { type Finding, stops, warns } from '../preflight';
import { type DoctorRead, type House, houseLook, missing, type Subscription, so } from './house';

/** Where the catalogue says that goldbot works: subscription, groups, gallery with its definitions, regions, bases. */

export const subscription = houseLook<{
  readonly found: Subscription | undefined;
  readonly tenant: string | undefined;
}>({
  at: 'the subscription that builds',
  read: async ({ azure, house }, { catalogue }) => {
    const [found, { tenant }] = await Promise.all([azure.subscription(catalogue.azure.subscription), house.settings()]);
    return { found, tenant };
  },
  judge: ({ found, tenant }, { catalogue, seenBy }) => {
    const id = catalogue.azure.subscription;
    if (!found) return [noSubscription(id, seenBy)];
    const { name } = found;
    const state = stateFindings(found, id);
    if (tenant === undefined || sameId(found.tenant, tenant)) return state;
    return [
      ...state,
      so(
        'An identity can be given roles in its own tenant alone.',
        stops(
          `The subscription ${name} is in the tenant ${found.tenant}; goldbot’s app is in ${tenant}.`,
          'Correct MicrosoftAppTenantId, or name a subscription of that tenant in azure.yaml; this lists what you can see:',
          'az account list --query "[].{name:name, id:id, tenant:tenantId}" --output table',
        ),
      ),
    ];
  },
});

/** Of what is not enabled Azure takes no change, except while a payment is due: that works until it is disabled. */
function stateFindings({ name, state }: Subscription, id: string): readonly Finding[] {
  const show = `az account show --subscription ${id} --query state`;
  switch (state.toLowerCase()) {
    case 'enabled':
      return [];
    case 'pastdue':
      return [
        so(
          'Unless it is paid, Azure disables it, and makes nothing in it any more.',
          warns(`A payment for the subscription ${name} is due.`, 'Let its owner pay; this shows its state:', show),
        ),
      ];
    default:
      return [
        so(
          'Azure makes nothing in it, and lets what is there be read alone.',
          stops(
            `The subscription ${name} is ${state.toLowerCase()}.`,
            'Let its owner enable it, or name another one as `subscription` in azure.yaml; this shows its state:',
            show,
          ),
        ),
      ];
  }
}

function noSubscription(id: string, seenBy: House['seenBy']): Finding {
  const [whom, mend] =
    seenBy === 'you'
      ? ['you', 'or sign in to its tenant, as somebody who has the role Reader there']
      : ['goldbot’s identity', 'or assign the identity its roles there'];
  return missing(
    subscriptionId(id),
    so(
      'goldbot can do nothing at all in Azure.',
      stops(
        `Azure shows no subscription ${id} to ${whom}.`,
        `Correct \`subscription\` in azure.yaml, ${mend}; this lists what you can see:`,
        'az account list --query "[].{name:name, id:id, tenant:tenantId}" --output table',
      ),
    ),
  );
}

/** @throws UserError `AZ_NOT_FOUND`: what is in a subscription that is not there is not missing by itself. */
async function inSubscription<T>({ azure }: DoctorRead, id: string, ask: () => Promise<T>): Promise<T> {
  if (await azure.subscription(id)) return ask();
  throw new UserError('AZ_NOT_FOUND', `Azure shows no subscription ${id}.`, { hint: 'Correct it in azure.yaml.' });
}

export const buildGroup = houseLook<boolean>({
  at: 'the resource group that builds',
  read: (read, { catalogue: { azure } }) =>
    inSubscription(
      read,
      azure.subscription,
      async () => (await read.azure.groupState(buildGroupOf(azure))) !== undefined,
    ),
  judge: (isThere, { catalogue }) => {
    const { subscription: id, buildResourceGroup: name, location } = catalogue.azure;
    if (isThere) return [];
    return [
      missing(
        buildGroupOf(catalogue.azure),
        so(
          'Nothing can be built or tested.',
          stops(
            `The resource group ${name}, where images are built, does not exist.`,
            'Correct `buildResourceGroup` in azure.yaml, or make it:',
            `az group create --subscription ${id} --name ${name} --location ${location}`,
          ),
        ),
      ),
    ];
  },
});

const buildGroupOf = ({ subscription: id, buildResourceGroup }: AzureConfig): string =>
  resourceGroupId({ subscription: id, resourceGroup: buildResourceGroup });

/** What the gallery and the sources say; what of it is undefined is not there. */
interface Seen {
  readonly definitions: readonly ImageDefinition[] | undefined;
  readonly bases: ReadonlyMap<string, Base>;
  /** Whether the second gallery is there; true where the catalogue names none. */
  readonly hasSecond: boolean;
}

type Base = { readonly versions: readonly BaseVersion[] } | { readonly missing: UserError };

export const gallery = houseLook<Seen>({
  at: 'the gallery with its image definitions, and what images are built from',
  read: (read, { catalogue }) => inSubscription(read, catalogue.azure.subscription, () => seenIn(read, catalogue)),
  judge: ({ definitions, bases, hasSecond }, { catalogue }) => {
    const { azure, images } = catalogue;
    const second = secondGalleryRef(azure);
    const ofBases = [
      ...images.flatMap((image) => baseFindings(azure, image, bases.get(image.name))),
      ...(second && !hasSecond ? [noSecondGallery(second)] : []),
    ];
    if (!definitions) return [noGallery(azure), ...ofBases];
    return [...ofBases, ...images.flatMap((image) => definitionFindings(azure, image, { definitions, bases }))];
  },
});

async function seenIn(read: DoctorRead, { azure, images }: Catalogue): Promise<Seen> {
  const second = secondGalleryRef(azure);
  const [definitions, ofSecond, bases] = await Promise.all([
    unlessMissing(read.azure.definitions(galleryRef(azure))),
    second && unlessMissing(read.azure.definitions(second)),
    basesOf(read, azure, images),
  ]);
  return {
    definitions: 'missing' in definitions ? undefined : definitions.found,
    bases,
    hasSecond: !(ofSecond && 'missing' in ofSecond),
  };
}

async function unlessMissing<T>(asked: Promise<T>): Promise<{ readonly found: T } | { readonly missing: UserError }> {
  try {
    return { found: await asked };
  } catch (error) {
    if (!isUserError(error) || error.code !== 'AZ_NOT_FOUND') throw error;
    return { missing: error };
  }
}

/** By image; each source is asked about once, however many images are built from it. */
async function basesOf(
  read: DoctorRead,
  azure: AzureConfig,
  images: readonly ImageConfig[],
): Promise<ReadonlyMap<string, Base>> {
  const together = basesTogether(
    read.azure,
    images.map(({ source }) => source),
  );
  const alike = grouped(images, ({ source }) => baseKey(azure.location, source));
  const found = [...alike.values()].map(async (own) => {
    const [first] = own;
    const base = first && (await baseOf(together, azure, first));
    return own.flatMap(({ name }) => (base ? [[name, base] as const] : []));
  });
  return new Map((await Promise.all(found)).flat());
}

async function baseOf(read: BaseRead, azure: AzureConfig, { source }: ImageConfig): Promise<Base> {
  const asked = await unlessMissing(readBases(read, azure, source, 'latest'));
  return 'missing' in asked ? asked : { versions: asked.found };
}

function noGallery(azure: AzureConfig): Finding {
  const { subscription: id, resourceGroup, gallery: name } = galleryRef(azure);
  return missing(
    resourceId({ subscription: id, resourceGroup }, 'Microsoft.Compute/galleries', name),
    so(
      'There are no golden images, and nothing can be published.',
      stops(
        `There is no gallery ${name} in the resource group ${resourceGroup}.`,
        'Correct `gallery` in azure.yaml, or make it:',
        createGallery(galleryRef(azure), azure.location),
      ),
    ),
  );
}

/** What it should have and lacks is told by `parity`. */
function noSecondGallery({ subscription: id, resourceGroup, gallery: name }: GalleryRef): Finding {
  return missing(
    resourceId({ subscription: id, resourceGroup }, 'Microsoft.Compute/galleries', name),
    so(
      'Nobody can start a machine from a golden image on the day on which the first gallery cannot be reached.',
      warns(
        `There is no second gallery ${name} in the resource group ${resourceGroup}.`,
        'Correct `secondGallery` in azure.yaml, or make it in another region:',
        createGallery({ subscription: id, resourceGroup, gallery: name }),
      ),
    ),
  );
}

function baseFindings({ location }: AzureConfig, image: ImageConfig, base: Base | undefined): readonly Finding[] {
  const consequence = `${image.name} cannot be built.`;
  const { source } = image;
  const lists =
    source.kind === undefined
      ? [
          `az vm image list-skus --location ${location} --publisher ${source.publisher} --offer ${source.offer} --output table`,
        ]
      : [];
  const mend = `Correct the source in images/${image.name}.yaml${lists.length > 0 ? '; this lists what there is:' : '.'}`;
  if (!base) return [];
  if ('missing' in base) return [so(consequence, stops(`There is no ${sourceTitle(source)}.`, mend, ...lists))];
  if (latestBase(base.versions)) return [];
  const held = base.versions.findLast(({ obstacle }) => obstacle)?.obstacle;
  const why = held
    ? `The newest version of ${sourceTitle(source)} ${held.why}.`
    : `${sourceTitle(source)} has no version that can be built from.`;
  return [so(consequence, stops(why, held?.mend ?? mend, ...(held ? [] : lists)))];
}

function definitionFindings(
  azure: AzureConfig,
  image: ImageConfig,
  { definitions, bases }: Pick<Seen, 'bases'> & { readonly definitions: readonly ImageDefinition[] },
): readonly Finding[] {
  const consequence = `${image.name} cannot be built.`;
  const source = traitsOf(bases.get(image.name));
  const definition = definitions.find(({ name }) => sameId(name, image.imageDefinition));
  if (!definition) {
    const ref = imageRef(azure, image);
    return [
      missing(
        definitionId(ref),
        so(
          consequence,
          stops(
            `The gallery ${ref.gallery} has no image definition ${ref.definition}.`,
            `Correct \`imageDefinition\` in images/${image.name}.yaml, or make it:`,
            definitionCommand(image, ref, source),
          ),
        ),
      ),
    ];
  }
  return misfitsOf({ image, azure, definition, ...(source && { source }) }).map(({ why, mend }) =>
    so(consequence, stops(why, mend)),
  );
}

function traitsOf(base: Base | undefined): ImageTraits | undefined {
  return base && 'versions' in base ? latestBase(base.versions)?.traits : undefined;
}

export const regions = houseLook<readonly string[]>({
  at: 'the regions that the subscription has',
  read: (read, { catalogue }) => {
    const id = galleryRef(catalogue.azure).subscription;
    return inSubscription(read, id, () => read.azure.regions(id));
  },
  judge: (known, { catalogue }) => {
    const { azure, images } = catalogue;
    const has = new Set(known.map(regionKey));
    const list = `az account list-locations --subscription ${galleryRef(azure).subscription} --query "[].displayName" --output table`;
    const elsewhere = images.flatMap((image) =>
      image.regions
        .filter(({ name }) => !has.has(regionKey(name)))
        .map(({ name }) =>
          so(
            `Azure refuses each version of ${image.name}.`,
            stops(
              `images/${image.name}.yaml names the region “${name}”, which the subscription of the gallery does not have.`,
              'Correct it; this lists what there is:',
              list,
            ),
          ),
        ),
    );
    if (has.has(regionKey(azure.location))) return elsewhere;
    const home = so(
      'Nothing can be built.',
      stops(
        `azure.yaml names the region “${azure.location}”, which the subscription does not have.`,
        'Correct `location`; this lists what there is:',
        list,
      ),
    );
    return [home, ...elsewhere];
  },
});
