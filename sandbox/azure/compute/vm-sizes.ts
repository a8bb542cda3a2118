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
    return [name.toLowerCase(), { name, quota, cores: count }];
  });
}

export interface VmSize {
  readonly name: string;
  /** The quota that its cores count against, besides the region's. */
  readonly quota: string;
  readonly cores: number;
}

const sizes: ReadonlyMap<string, VmSize> = new Map([
  ...Object.entries(named).map(([name, [quota, cores]]): [string, VmSize] => [
    name.toLowerCase(),
    { name, quota, cores },
  ]),
  ...families.flatMap(sizesOf),
]);

/** The size of this name, in any case; undefined when Azure has none. */
export const vmSize = (name: string): VmSize | undefined => sizes.get(name.toLowerCase());

export const vmSizeNames = (): string[] => [...sizes.values()].map((size) => size.name);
