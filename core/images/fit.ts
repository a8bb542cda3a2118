import type { GalleryRef, ImageDefinition, ImageRef, ImageTraits, MachineSecurity, PurchasePlan } from '../azure';
import { byKind, sourceKey, sourceTitle } from '../build-source';
import { type AzureConfig, type ImageConfig, machinesOf } from '../catalogue';
import { call } from '../command-call';
import { isUserError, UserError } from '../errors';

/** Why Azure would refuse a build or every machine of it, and what mends that. */
export interface Misfit {
  /** One sentence. */
  readonly why: string;
  /** Imperative, with the file that it is about. */
  readonly mend: string;
}

interface Fitting {
  readonly image: ImageConfig;
  readonly azure: AzureConfig;
  /** Of the base; absent while Azure does not say. */
  readonly source?: ImageTraits;
  readonly definition: ImageDefinition;
}

/**
 * What of source, definition and test machine does not fit: Azure says it after an hour, these sentences at once.
 * Definitions are what they are for ever, so the mend is another source or another definition.
 */
export function misfitsOf(fitting: Fitting): readonly Misfit[] {
  const { source, definition, image } = fitting;
  return [
    ...(definition.state === 'Specialized' ? [specialized(fitting)] : []),
    ...(definition.os === image.os ? [] : [osMisfit(image, definition)]),
    ...(source ? betweenSourceAnd(definition, fitting, source) : []),
    ...onTheMachine(fitting),
  ];
}

function betweenSourceAnd(definition: ImageDefinition, { image }: Fitting, source: ImageTraits): Misfit[] {
  const found: (Misfit | undefined)[] = [
    source.os === image.os ? undefined : sourceOs(image, source),
    source.generation === definition.generation
      ? undefined
      : misfit(image, definition, ['is of generation', source.generation, definition.generation]),
    source.architecture === definition.architecture
      ? undefined
      : misfit(image, definition, ['is made for', source.architecture, definition.architecture]),
    securityMisfit(image, definition, source),
    image.source.kind === undefined ? planMisfit(image, image.source.plan, source.plan) : undefined,
    samePlan(definition.plan, source.plan) ? undefined : definitionPlan(image, definition, source.plan),
  ];
  return found.filter((m) => m !== undefined);
}

function misfit(
  image: ImageConfig,
  definition: ImageDefinition,
  [is, has, takes]: readonly [string, string, string],
): Misfit {
  return {
    why: `The source ${nameOf(image)} ${is} ${has}; the image definition ${definition.name} takes ${takes} alone.`,
    mend: `Name ${another(image)} of ${takes} as ${keyOf(image)}, or a definition of ${has} as \`imageDefinition\`, in ${fileOf(image)}.`,
  };
}

function specialized({ image, definition }: Fitting): Misfit {
  return {
    why: `The image definition ${definition.name} takes specialized images; Image Builder makes generalized ones.`,
    mend: `Name a definition of generalized images as \`imageDefinition\` in ${fileOf(image)}.`,
  };
}

function osMisfit(image: ImageConfig, { name, os }: ImageDefinition): Misfit {
  return {
    why: `The image definition ${name} takes ${os} images; ${image.name} is a ${image.os} image.`,
    mend: `Correct \`os\` or \`imageDefinition\` in ${fileOf(image)}.`,
  };
}

function sourceOs(image: ImageConfig, { os }: ImageTraits): Misfit {
  return {
    why: `The source ${nameOf(image)} is a ${os} image; ${image.name} is a ${image.os} image.`,
    mend: `Correct \`os\` or \`source\`${image.template ? `, which ${image.template.file} names,` : ''} in ${fileOf(image)}.`,
  };
}

/** Definitions that take protected machines alone need a source that can start as one. */
function securityMisfit(image: ImageConfig, definition: ImageDefinition, source: ImageTraits): Misfit | undefined {
  const needed = demands(definition.security);
  if (
    !needed ||
    new RegExp(needed === 'TrustedLaunch' ? 'TrustedLaunch' : 'Confidential', 'i').test(source.security ?? '')
  )
    return undefined;
  return {
    why: `The image definition ${definition.name} takes machines with ${peoplesName[needed]} alone; the source ${nameOf(image)} cannot start with it.`,
    mend: `Name ${another(image)} that supports ${peoplesName[needed]} as ${keyOf(image)}, or a definition that does not demand it as \`imageDefinition\`, in ${fileOf(image)}.`,
  };
}

const peoplesName = { TrustedLaunch: 'Trusted Launch', ConfidentialVM: 'confidential computing' } as const;

/** Image Builder is told the plan of a marketplace image; that of a gallery's version it finds by itself. */
function planMisfit(
  image: ImageConfig,
  given: PurchasePlan | undefined,
  sold: PurchasePlan | undefined,
): Misfit | undefined {
  if (samePlan(given, sold)) return undefined;
  if (!sold) {
    return {
      why: `The source ${nameOf(image)} is sold without a purchase plan.`,
      mend: image.template
        ? `Remove \`source.planInfo\` from ${image.template.file}.`
        : `Remove \`source.plan\` from ${fileOf(image)}.`,
    };
  }
  return {
    why: `The source ${nameOf(image)} is sold with the purchase plan ${planName(sold)}${given ? `, not with ${planName(given)}` : ''}.`,
    mend: `Write \`${planAsWritten(image, sold)}\` under \`source\` in ${sourceKey(image).file}, and accept its terms once: \`az vm image terms accept --publisher ${sold.publisher} --offer ${sold.product} --plan ${sold.name}\`.`,
  };
}

function definitionPlan(image: ImageConfig, definition: ImageDefinition, sold: PurchasePlan | undefined): Misfit {
  const has = definition.plan ? `has the purchase plan ${planName(definition.plan)}` : 'has no purchase plan';
  return {
    why: `The image definition ${definition.name} ${has}; the source ${nameOf(image)} is sold ${sold ? `with ${planName(sold)}` : 'without one'}.`,
    mend: `Name a definition with the plan of the source as \`imageDefinition\` in ${fileOf(image)}.`,
  };
}

function samePlan(a: PurchasePlan | undefined, b: PurchasePlan | undefined): boolean {
  return planName(a).toLowerCase() === planName(b).toLowerCase();
}

function planName(plan: PurchasePlan | undefined): string {
  return plan ? `${plan.publisher}:${plan.product}:${plan.name}` : '';
}

/** Confidential machines exist in few sizes. */
function onTheMachine({ image, azure, definition }: Fitting): Misfit[] {
  const { test } = machinesOf(azure, image);
  if (demands(definition.security) !== 'ConfidentialVM' || /^Standard_[DE]C\d+\w*as?/i.test(test.vmSize)) return [];
  return [
    {
      why: `The image definition ${definition.name} takes confidential machines alone; test machines of size ${test.vmSize} are none.`,
      mend: `Set \`test.vmSize\` in ${fileOf(image)} to a confidential size, such as Standard_DC2as_v5.`,
    },
  ];
}

/** The protection without which Azure refuses machines of a definition; undefined when it takes others too. */
export function demands(security: string | undefined): MachineSecurity | undefined {
  return ({ trustedlaunch: 'TrustedLaunch', confidentialvm: 'ConfidentialVM' } as const)[
    (security ?? '').toLowerCase() as 'trustedlaunch'
  ];
}

/**
 * How machines of a definition are made: as it demands, and with Trusted Launch where it supports that, as the Azure
 * portal makes them. Many Arm64 sizes do not know it.
 */
export function machineSecurity({ security, architecture }: ImageDefinition): MachineSecurity | undefined {
  const supported = /^TrustedLaunch(?:Supported|AndConfidentialVmSupported)$/i.test(security ?? '');
  return demands(security) ?? (supported && architecture === 'x64' ? 'TrustedLaunch' : undefined);
}

/** Of an image's file in the catalogue. */
export function fileOf(image: ImageConfig): string {
  return `images/${image.name}.yaml`;
}

function another({ source }: ImageConfig): string {
  return byKind(source, {
    marketplace: () => 'a SKU',
    imageVersion: () => 'a version of a definition',
    managedImage: () => 'a managed image',
  });
}

/** With its file, unless that is the image's own, which is named at the end of the sentence. */
function keyOf(image: ImageConfig): string {
  const { key, file } = sourceKey(image);
  return image.template ? `\`${key}\` in ${file}` : `\`${key}\``;
}

function planAsWritten({ template }: ImageConfig, { name, product, publisher }: PurchasePlan): string {
  return template
    ? `"planInfo": { "planName": "${name}", "planProduct": "${product}", "planPublisher": "${publisher}" }`
    : `plan: { name: ${name}, product: ${product}, publisher: ${publisher} }`;
}

const nameOf = ({ source }: ImageConfig): string => sourceTitle(source);

/** The command that makes a gallery. */
export function createGallery({ subscription, resourceGroup, gallery }: GalleryRef, location = '<region>'): string {
  return `az sig create --subscription ${subscription} --resource-group ${resourceGroup} --gallery-name ${gallery} --location ${location}`;
}

/** The command that makes the definition of an image, as its source needs it. */
export function definitionCommand(image: ImageConfig, ref: ImageRef, source: ImageTraits | undefined): string {
  const { generation = 'V2', architecture = 'x64', security, plan } = source ?? {};
  const trusted = generation === 'V2' && /TrustedLaunch/i.test(security ?? '');
  return [
    'az sig image-definition create',
    `--subscription ${ref.subscription}`,
    `--resource-group ${ref.resourceGroup}`,
    `--gallery-name ${ref.gallery}`,
    `--gallery-image-definition ${ref.definition}`,
    // Publisher, offer and SKU are free to choose and must be unique in the gallery.
    `--publisher ${ref.gallery} --offer golden --sku ${ref.definition}`,
    `--os-type ${image.os} --os-state Generalized`,
    `--hyper-v-generation ${generation} --architecture ${architecture}`,
    ...(trusted ? ['--features SecurityType=TrustedLaunchSupported'] : []),
    ...(plan ? [`--plan-name ${plan.name} --plan-product ${plan.product} --plan-publisher ${plan.publisher}`] : []),
  ].join(' ');
}

/** There is nothing to publish into: what is missing, the command that makes it, and the file that names it. */
export function missingDefinition(image: ImageConfig, ref: ImageRef, source?: ImageTraits): UserError {
  return new UserError('CANNOT_BE_BUILT', `The gallery ${ref.gallery} has no image definition ${ref.definition}.`, {
    hint: `Correct \`imageDefinition\` in ${fileOf(image)}, or have an Azure administrator run \`${definitionCommand(image, ref, source)}\`.`,
    next: [call('images')],
    facts: { missing: 'image definition' },
  });
}

/** The versions of an image without a definition: none. Other refusals are thrown on. */
export async function noneIfMissing<T>(versions: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await versions;
  } catch (error) {
    if (isMissingDefinition(error)) return [];
    throw error;
  }
}

/** Whether a refusal means that the definition itself is not there. */
export function isMissingDefinition(error: unknown): boolean {
  return isUserError(error) && error.facts['missing'] === 'image definition';
}

/** @throws UserError `CANNOT_BE_BUILT` when something does not fit: what, and what mends it. */
export function refuseMisfits(image: ImageConfig, misfits: readonly Misfit[]): void {
  const [first, ...others] = misfits;
  if (!first) return;
  const more = others.map(({ why, mend }) => `${why} ${mend}`);
  throw new UserError('CANNOT_BE_BUILT', `${image.name} cannot be built. ${first.why}`, {
    hint: [first.mend, ...more].join(' '),
    next: [call('publish', { image: image.name, plan: true })],
  });
}
