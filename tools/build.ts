import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDist } from './bundle';

/** `npm run build`: goldbot for production, in `dist/`; `npm run serve` runs it. */
const dist = join(__dirname, '..', 'dist');
rmSync(dist, { recursive: true, force: true });
buildDist(dist).then(
  ({ files }) => console.log(files.map(({ name, bytes }) => `dist/${name}  ${(bytes / 1e6).toFixed(1)} MB`).join('\n')),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
