import type { Intent } from './intent';
import { lookImages } from './looks-images';
import { lookMachines } from './looks-machines';
import { lookRuns } from './looks-runs';

/** What goldbot looks up, and changes nothing by. Of two that fit equally well, the first is meant. */
export const looks: readonly Intent[] = [...lookImages, ...lookRuns, ...lookMachines];
