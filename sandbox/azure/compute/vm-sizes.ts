/** A family of sizes as its quota knows it. */
interface Family {
  readonly quota: string;
  /** `Standard_D{n}s_v5`: what stands for `{n}` is the number of cores unless `cores` says otherwise. */
  readonly pattern: string;
  readonly cores: readonly number[];
}

const families: readonly Family[] = [
  { quota: 'standardDSv2Family', pattern: 'Standard_DS{n}_v2', cores: [1, 2, 4, 8, 16] },
  { quota: 'standardDv2Family', pattern: 'Standard_D{n}_v2', cores: [1, 2, 4, 8, 16] },
  ...['3', '4', '5', '6'].map((v) => family(`standardDSv${v}Family`, `Standard_D{n}s_v${v}`)),
  ...['3', '4', '5'].map((v) => family(`standardDv${v}Family`, `Standard_D{n}_v${v}`)),
  ...['4', '5'].map((v) => family(`standardDDSv${v}Family`, `Standard_D{n}ds_v${v}`)),
  ...['4', '5', '6'].map((v) => family(`standardDASv${v}Family`, `Standard_D{n}as_v${v}`)),
  ...['5', '6'].map((v) => family(`standardDADSv${v}Family`, `Standard_D{n}ads_v${v}`)),
  ...['3', '4', '5', '6'].map((v) => family(`standardESv${v}Family`, `Standard_E{n}s_v${v}`)),
  ...['5', '6'].map((v) => family(`standardEASv${v}Family`, `Standard_E{n}as_v${v}`)),
  { quota: 'standardDPSv5Family', pattern: 'Standard_D{n}ps_v5', cores: [2, 4, 8, 16, 32, 48, 64] },
  { quota: 'standardFSv2Family', pattern: 'Standard_F{n}s_v2', cores: [2, 4, 8, 16, 32, 48, 64, 72] },
];

/** Sizes whose name does not state their cores. */
const named: Readonly<Record<string, readonly [quota: string, cores: number]>> = {
  Standard_B1s: ['standardBSFamily', 1],
  Standard_B1ms: ['standardBSFamily', 1],
  Standard_B2s: ['standardBSFamily', 2],
  Standard_B2ms: ['standardBSFamily', 2],
  Standard_B4ms: ['standardBSFamily', 4],
  Standard_A1_v2: ['standardAv2Family', 1],
  Standard_A2_v2: ['standardAv2Family', 2],
};

function family(quota: string, pattern: string): Family {
  const cores = [2, 4, 8, 16, 32, 48, 64];
  return { quota, pattern, cores: /v[34]$/.test(pattern) ? cores : [...cores, 96] };
}

/** `Standard_DS3_v2` is the third in its series and has four cores; every newer name states its cores. */
function sizesOf({ quota, pattern, cores }: Family): [string, VmSize][] {
  const ordinal = pattern.endsWith('_v2') && !pattern.includes('_F');
  return cores.map((count, i) => {
    const name = pattern.replace('{n}', String(ordinal ? i + 1 : count));
    return [name.toLowerCase(), { name, quota, cores: count, ...capabilities(name) }];
  });
}

export interface VmSize {
  readonly name: string;
  /** The quota that its cores count against, besides the region's. */
  readonly quota: string;
  readonly cores: number;
  /** The generations of images that its machines boot. */
  readonly generations: readonly ('V1' | 'V2')[];
  readonly architecture: 'x64' | 'Arm64';
  /** Its disks hang on NVMe controllers alone; the image must know them. */
  readonly nvmeOnly: boolean;
}

/** What follows from a size's name: its letters are features, its last number the generation of its hardware. */
function capabilities(name: string): Pick<VmSize, 'generations' | 'architecture' | 'nvmeOnly'> {
  const [, letters = '', version = ''] = /^Standard_[A-Z]+\d+([a-z]*)(?:_v(\d))?$/.exec(name) ?? [];
  const architecture = letters.includes('p') ? 'Arm64' : 'x64';
  const nvmeOnly = Number(version) >= 6;
  // Sizes without premium storage are of the first generation alone, the newest and Arm ones of the second.
  if (nvmeOnly || architecture === 'Arm64') return { generations: ['V2'], architecture, nvmeOnly };
  const premium = /^Standard_(?:B|DS)/.test(name) || letters.includes('s');
  return { generations: premium || Number(version) >= 4 ? ['V1', 'V2'] : ['V1'], architecture, nvmeOnly };
}

const sizes: ReadonlyMap<string, VmSize> = new Map([
  ...Object.entries(named).map(([name, [quota, cores]]): [string, VmSize] => [
    name.toLowerCase(),
    { name, quota, cores, ...capabilities(name) },
  ]),
  ...families.flatMap(sizesOf),
]);

/** The size of this name, in any case; undefined when Azure has none. */
export const vmSize = (name: string): VmSize | undefined => sizes.get(name.toLowerCase());

export const vmSizeNames = (): string[] => [...sizes.values()].map((size) => size.name);
