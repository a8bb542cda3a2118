import { parseArgs } from 'node:util';
import { UserError } from '../core/errors';
import { runCommand } from './run';
import { judged, keysIn } from './verify-file';
import { readText } from './verify-text';

/**
 * `npm run verify -- <file> --key <file> …`: a certificate by itself, with public keys alone; no database, no network.
 * Exit codes: 0 verified, 2 tampered, 3 unsigned, 4 unknown; 1 when it could not even be read.
 */
const usage = 'npm run verify -- certificate.json --key goldbot.pub.pem';

runCommand(`${usage}: docs/verify.md`, async () => {
  const { values, positionals } = parseArgs({
    options: { key: { type: 'string', multiple: true, default: [] } },
    allowPositionals: true,
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) {
    throw new UserError('BAD_COMMAND', 'Say which certificate to verify, and by which public keys.', {
      hint: usage,
    });
  }
  const keys = await Promise.all(values.key.map(async (name) => keysIn(await readText(name), name)));
  const { lines, exitCode } = judged(await readText(file), keys.flat());
  console.log(lines.join('\n'));
  process.exitCode = exitCode;
});
