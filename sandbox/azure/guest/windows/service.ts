import type { GuestService } from '../model';

/** Windows' own name for how a service starts. */
export const startTypeOf = ({ enabled, manual }: GuestService): string =>
  enabled ? 'Automatic' : manual ? 'Manual' : 'Disabled';
