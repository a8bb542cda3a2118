/** What an ARM address is about. */
export interface Address {
  /** `Microsoft.Compute/galleries/images`; of nested providers the last one's. */
  readonly type: string;
  readonly version: string;
  /** A resource, all of a type, or something that a resource is told to do. */
  readonly kind: 'resource' | 'list' | 'action';
  /** Of an action: `run`. */
  readonly action?: string;
}

/** @returns undefined when the address is not of a provider at ARM, or carries no api-version. */
export function addressOf(method: string, url: string): Address | undefined {
  const { host, pathname, searchParams } = new URL(url);
  const version = searchParams.get('api-version');
  const [provider, ...rest] = (
    pathname
      .split(/\/providers\//i)
      .slice(1)
      .at(-1) ?? ''
  )
    .split('/')
    .filter(Boolean);
  if (host !== 'management.azure.com' || !version || !provider || rest.length === 0) return undefined;
  const whole = rest.length % 2 === 0;
  const acts = !whole && method === 'POST';
  const types = rest.filter((_, i) => i % 2 === 0).slice(0, acts ? -1 : undefined);
  const action = acts ? rest.at(-1) : undefined;
  return {
    type: [provider, ...types].join('/'),
    version,
    kind: acts ? 'action' : whole ? 'resource' : 'list',
    ...(action && { action }),
  };
}
