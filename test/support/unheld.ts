import type { Catalogue } from '../../core/catalogue';
import type { HoldDeps } from '../../workflows/holds';

/** Nothing is locked, and no window is open. */
export const unheld: HoldDeps = {
  catalogue: () => ({ azure: { freeze: [] as Catalogue['azure']['freeze'] } }) as unknown as Catalogue,
  lockOf: async () => undefined,
};

/** Only those whom a run names decide about it. */
export const noAdmins = (): Catalogue => ({ roles: [] as Catalogue['roles'] }) as unknown as Catalogue;
