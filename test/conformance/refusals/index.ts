import { galleryRefusals } from './galleries';
import type { Refusal } from './row';

/** Every way in which the sandbox is held to refuse as Azure does; one file a service, one entry a row. */
export const refusals: readonly Refusal[] = [...galleryRefusals];
