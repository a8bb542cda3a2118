import type { Expected } from './expectation';
import { builds } from './expected-builds';
import { changes } from './expected-changes';
import { galleries } from './expected-galleries';
import { machines } from './expected-machines';
import { preflight } from './expected-preflight';

/** One for each operation in `used`, recorded or not: a recording that comes later is read as well. */
export const expected: readonly Expected[] = [
  ...galleries,
  ...machines,
  ...builds,
  ...changes,
  ...preflight,
  { operation: 'Resources', shape: 'POST /providers/Microsoft.ResourceGraph/resources' },
];
