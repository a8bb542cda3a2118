import { type BaseImage, type Cadence, cadences } from './cadence';

export interface MarketplaceProduct {
  readonly publisher: string;
  readonly offer: string;
  readonly sku: string;
  readonly os: 'Linux' | 'Windows';
  readonly generation: 'V1' | 'V2';
  readonly architecture: 'x64' | 'Arm64';
  readonly cadence: Cadence;
  /** Old images lie in storage accounts, not in managed disks: Azure counts their bytes, not their gigabytes. */
  readonly unmanaged?: boolean;
  /** Set for what is bought: a machine from it, or from an image made of it, must name the plan. */
  readonly plan?: { readonly publisher: string; readonly product: string; readonly name: string };
  /** What the publisher names in place of what it retires: another offer, or another plan of the same one. */
  readonly alternative?: { readonly type: 'Offer' | 'Plan'; readonly value: string };
}

export interface ImageReference {
  readonly publisher: string;
  readonly offer: string;
  readonly sku: string;
  readonly version: string;
}

function ubuntu(
  offer: string,
  sku: string,
  cadence: Cadence,
  rest: Partial<MarketplaceProduct> = {},
): MarketplaceProduct {
  const base = {
    publisher: 'Canonical',
    offer,
    sku,
    os: 'Linux',
    generation: 'V2',
    architecture: 'x64',
    cadence,
  } as const;
  return { ...base, ...rest };
}

function windows(sku: string, cadence: Cadence, generation: 'V1' | 'V2' = 'V2'): MarketplaceProduct {
  const publisher = 'MicrosoftWindowsServer';
  const alternative = { type: 'Plan', value: `${sku.toLowerCase()}-gensecond` } as const;
  const base = {
    publisher,
    offer: 'WindowsServer',
    sku,
    os: 'Windows',
    generation,
    architecture: 'x64',
    cadence,
  } as const;
  return generation === 'V1' ? { ...base, alternative } : base;
}

/** A hardened image that is bought; it follows the Ubuntu that it is made from. */
function hardened(sku: string, cadence: Cadence): MarketplaceProduct {
  const [publisher, offer] = ['center-for-internet-security-inc', 'cis-ubuntu-linux-2204-l1'];
  const plan = { publisher, product: offer, name: sku };
  return { publisher, offer, sku, os: 'Linux', generation: 'V2', architecture: 'x64', cadence, plan };
}

const jammy = '0001-com-ubuntu-server-jammy';
const focal = '0001-com-ubuntu-server-focal';
const noble = 'ubuntu-24_04-lts';

/** The marketplace of the sandbox, by the names Azure has for it. */
export const products: readonly MarketplaceProduct[] = [
  ubuntu(jammy, '22_04-lts', cadences.jammy, { generation: 'V1' }),
  ubuntu(jammy, '22_04-lts-gen2', cadences.jammy),
  ubuntu(jammy, '22_04-lts-arm64', cadences.jammy, { architecture: 'Arm64' }),
  ubuntu(focal, '20_04-lts', cadences.focal, { generation: 'V1', alternative: { type: 'Offer', value: noble } }),
  ubuntu(focal, '20_04-lts-gen2', cadences.focal, { alternative: { type: 'Offer', value: noble } }),
  ubuntu(noble, 'server', cadences.noble),
  ubuntu(noble, 'server-gen1', cadences.noble, { generation: 'V1' }),
  ubuntu(noble, 'server-arm64', cadences.noble, { architecture: 'Arm64' }),
  ubuntu('UbuntuServer', '18.04-LTS', cadences.bionic, { generation: 'V1', unmanaged: true }),
  ubuntu('UbuntuServer', '18_04-lts-gen2', cadences.bionic),
  hardened('cis-ubuntu-linux-2204-l1-gen2', cadences.jammy),
  windows('2019-Datacenter', cadences.windows2019, 'V1'),
  windows('2019-datacenter-gensecond', cadences.windows2019),
  windows('2022-datacenter-azure-edition', cadences.windows2022),
  windows('2022-datacenter-g2', cadences.windows2022),
  windows('2025-datacenter-azure-edition', cadences.windows2025),
  windows('2025-datacenter-g2', cadences.windows2025),
];

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** Azure compares publisher, offer and sku case-insensitively. */
export function findProduct(publisher: string, offer: string, sku: string): MarketplaceProduct | undefined {
  return products.find((p) => same(p.publisher, publisher) && same(p.offer, offer) && same(p.sku, sku));
}

/** The versions that the marketplace lists at a moment, oldest first, without deprecated ones. */
export function versionsAt(product: MarketplaceProduct, nowMs: number): readonly BaseImage[] {
  return product.cadence(nowMs).filter((v) => v.state !== 'Deprecated');
}

/** One version by its number, deprecated or not; undefined if it never existed or was removed. */
export function versionAt(product: MarketplaceProduct, version: string, nowMs: number): BaseImage | undefined {
  if (same(version, 'latest')) return versionsAt(product, nowMs).at(-1);
  return product.cadence(nowMs).find((v) => v.version === version);
}

/** The version an image reference means at a moment, deprecated or not; `latest` is the newest that is not. */
export function resolveImage(
  image: ImageReference,
  nowMs: number,
): { product: MarketplaceProduct; image: BaseImage } | undefined {
  const product = findProduct(image.publisher, image.offer, image.sku);
  const found = product && versionAt(product, image.version, nowMs);
  return product && found ? { product, image: found } : undefined;
}
