import { type Recorded, samePath } from './tape';

/** Types that deployments made, which no recording has. */
const deployed = /\/(virtualMachines|virtualMachineScaleSets)\/[^/?]+(\?|$)/i;

/** What Azure alone writes, wherever it stands. */
const written = new Set([
  'exactVersion',
  'instanceView',
  'provisioningState',
  'requireGuestProvisionSignal',
  'secrets',
  'timeCreated',
  'uniqueId',
  'vmId',
]);

/** Whether a request shows something that nothing before it on the tape made or showed. */
export function isUnmade({ request }: Recorded, before: readonly Recorded[]): boolean {
  if (request.method !== 'GET' || !deployed.test(request.url)) return false;
  return !before.some((earlier) => samePath(earlier.request.url, request.url));
}

/** A body to PUT that makes what a GET showed. */
export function making({ response }: Recorded): unknown {
  const { location, tags, sku, properties } = response.body as Readonly<Record<string, unknown>>;
  const body = { location, tags, sku, properties };
  return JSON.parse(JSON.stringify(body, (name, value) => (written.has(name) ? undefined : value)));
}
