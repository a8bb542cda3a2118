import type { Expected } from './expectation';

/** Of what goldbot asks before a build, no tape has an answer yet. */
export const preflight: readonly Expected[] = [
  { operation: 'Usage_List', shape: 'GET /subscriptions/*/providers/Microsoft.Compute/locations/*/usages' },
  { operation: 'ResourceSkus_List', shape: 'GET /subscriptions/*/providers/Microsoft.Compute/skus' },
];
