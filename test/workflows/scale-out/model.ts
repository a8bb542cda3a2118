/**
 * What Azure gives a scale set that grows, as its documentation has it, in the fewest words. Imports nothing: neither
 * what goldbot nor what the sandbox believes. It learns of the world from the requests that were accepted, whoever sent
 * them, and from Azure's own word for where a copy has arrived.
 */

/** A write that Azure accepted. */
export interface Accepted {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  /** World time. */
  readonly atMs: number;
}

export interface ModelSet {
  readonly name: string;
  readonly region: string;
  readonly flexible: boolean;
  /** The number that it names; absent: it follows the definition. */
  readonly pinned?: string | undefined;
}

interface ModelVersion {
  readonly number: string;
  readonly excluded: boolean;
  /** By region, its own flag where it has one: that wins. */
  readonly regions: ReadonlyMap<string, boolean | undefined>;
  /** Regions in which a copy has arrived. */
  readonly there: ReadonlySet<string>;
  /** Deleted, and kept until then. */
  readonly keptUntilMs?: number | undefined;
}

const weekMs = 7 * 24 * 3_600_000;
const regionKey = (name: string): string => name.toLowerCase().replaceAll(' ', '');

type Loose = { readonly [name: string]: Loose } | undefined;
const loose = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : undefined);
const flag = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

export class ScaleOutModel {
  readonly sets = new Map<string, ModelSet>();
  readonly versions = new Map<string, ModelVersion>();
  private keeps = false;

  constructor(private readonly image: string) {}

  /** Which version a new machine of the set is made from; undefined: none is made. */
  take({ region, flexible, pinned }: ModelSet, atMs: number): string | undefined {
    if (pinned === undefined) return this.latest(region);
    const version = this.versions.get(pinned);
    if (!version?.there.has(region)) return undefined;
    const { keptUntilMs } = version;
    // What is deleted and kept can be deployed by whoever names it; flexible sets do not go together with that.
    return keptUntilMs === undefined || (!flexible && atMs < keptUntilMs) ? pinned : undefined;
  }

  /** Names of the sets that cannot grow now. */
  unable(atMs: number): readonly string[] {
    return [...this.sets.values()].filter((set) => this.take(set, atMs) === undefined).map(({ name }) => name);
  }

  /** Whether a new machine that names no number may get this version in some region. */
  isOffered(number: string, regions?: readonly string[]): boolean {
    const version = this.versions.get(number);
    if (!version || version.keptUntilMs !== undefined) return false;
    const where = regions ?? [...version.regions.keys()];
    return where.some((region) => !isExcluded(version, regionKey(region)));
  }

  saw(number: string, there: readonly string[]): void {
    const version = this.versions.get(number);
    if (version) this.versions.set(number, { ...version, there: new Set(there.map(regionKey)) });
  }

  came(set: ModelSet): void {
    this.sets.set(set.name, { ...set, region: regionKey(set.region) });
  }

  accepted({ method, path, body, atMs }: Accepted): void {
    const [, set] = /\/virtualMachineScaleSets\/([^/]+)$/i.exec(path) ?? [];
    if (set !== undefined) this.modelled(set, body);
    if (/\/galleries\/[^/]+$/i.test(path)) {
      this.keeps =
        flag(loose(loose(loose(body)?.['properties'])?.['softDeletePolicy'])?.['isSoftDeleteEnabled']) ?? this.keeps;
    }
    const [, image, number] = /\/images\/([^/]+)\/versions\/([^/]+)$/i.exec(path) ?? [];
    if (image !== this.image || number === undefined) return;
    if (method === 'DELETE') this.deleted(number, atMs);
    if (method === 'PUT' || method === 'PATCH') this.written(number, loose(loose(body)?.['properties']));
  }

  private latest(region: string): string | undefined {
    return [...this.versions.values()]
      .filter((one) => one.keptUntilMs === undefined && one.there.has(region) && !isExcluded(one, region))
      .map(({ number }) => number)
      .sort(byNumber)
      .at(-1);
  }

  private deleted(number: string, atMs: number): void {
    const version = this.versions.get(number);
    if (version && this.keeps) this.versions.set(number, { ...version, keptUntilMs: atMs + weekMs });
    else this.versions.delete(number);
  }

  private written(number: string, properties: Loose): void {
    const before = this.versions.get(number);
    if (before?.keptUntilMs !== undefined) {
      this.versions.set(number, { ...before, keptUntilMs: undefined });
      return;
    }
    const profile = loose(properties?.['publishingProfile']);
    const targets = profile?.['targetRegions'] as readonly Loose[] | undefined;
    const regions = targets?.map((t) => [regionKey(String(t?.['name'])), flag(t?.['excludeFromLatest'])] as const);
    this.versions.set(number, {
      number,
      excluded: flag(profile?.['excludeFromLatest']) ?? before?.excluded ?? false,
      regions: regions ? new Map(regions) : (before?.regions ?? new Map()),
      there: before?.there ?? new Set(),
    });
  }

  private modelled(name: string, body: unknown): void {
    const set = this.sets.get(name);
    const profile = loose(loose(loose(body)?.['properties'])?.['virtualMachineProfile']);
    const id = loose(loose(profile?.['storageProfile'])?.['imageReference'])?.['id'] as unknown;
    if (!set || typeof id !== 'string') return;
    const [, pinned] = /\/versions\/([^/]+)$/i.exec(id) ?? [];
    this.sets.set(name, { ...set, pinned });
  }
}

const isExcluded = ({ excluded, regions }: ModelVersion, region: string): boolean => regions.get(region) ?? excluded;

function byNumber(a: string, b: string): number {
  const [left, right] = [a, b].map((number) => number.split('.').map(Number));
  const at = [0, 1, 2].find((n) => left?.[n] !== right?.[n]);
  return at === undefined ? 0 : Number(left?.[at]) - Number(right?.[at]);
}
