// Runs before dist/serve.js (`npm run serve`): Node's own words about a missing file would help nobody.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

if (!existsSync(join(__dirname, '..', 'dist', 'serve.js'))) {
  process.stderr.write(
    'goldbot is not built: dist/serve.js is missing.\nRun `npm run build`, then `npm run serve` again.\n',
  );
  process.exit(1);
}
