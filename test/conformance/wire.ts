import type { Exchange } from '../../sandbox/kernel/types';

/** One request and its answer, whoever spoke: goldbot and the sandbox, or a recording of the real ones. */
export type Wire = Omit<Exchange, 'at' | 'face'>;

/** What a judge says about one exchange. Without an operation the judge does not know what was asked. */
export interface Judgement {
  /** The specification's name: `GalleryImageVersions_Get`. */
  readonly operation?: string;
  /** What is wrong, each with its side and place: `response /properties/x: …`. Empty when nothing is. */
  readonly wrong: readonly string[];
}

/** Resource provider of an address: `Microsoft.Compute`; the host where it is not ARM's. */
export function providerOf(url: string): string {
  const { host, pathname } = new URL(url);
  if (host !== 'management.azure.com') return /\.blob\./.test(host) ? 'Blob Storage' : host;
  const namespaces = [...pathname.matchAll(/\/providers\/([^/]+)/gi)].map(([, name = '']) => name.toLowerCase());
  const last = namespaces.at(-1) ?? 'microsoft.resources';
  return providers.find((p) => p.toLowerCase() === last) ?? last;
}

const providers = [
  'Microsoft.Compute',
  'Microsoft.VirtualMachineImages',
  'Microsoft.ResourceGraph',
  'Microsoft.Authorization',
  'Microsoft.PolicyInsights',
  'Microsoft.GuestConfiguration',
  'Microsoft.Storage',
  'Microsoft.Network',
  'Microsoft.Resources',
];
