import { spawnSync } from 'node:child_process';

/**
 * `npm run check [--fix] [path]`: what a developer runs before a commit. Prints one line per stage; if a stage fails,
 * its output and the command that fixes it. With a path, only the tests below it run.
 */
interface Stage {
  readonly name: string;
  readonly run: readonly string[];
  readonly fix?: readonly string[];
}

const args = process.argv.slice(2);
const fix = args.includes('--fix');
const path = args.find((a) => !a.startsWith('-'));
const layers = ['core', 'store', 'services', 'cards', 'workflows', 'dialogs', 'bot', 'app', 'sandbox'];

const stages: readonly Stage[] = [
  { name: 'format and lint', run: ['biome', 'check', '.'], fix: ['biome', 'check', '--write', '.'] },
  { name: 'types', run: ['tsc', '-p', '.'] },
  { name: 'imports', run: ['depcruise', '--config', '.dependency-cruiser.cjs', ...layers] },
  { name: 'unused code', run: ['knip'] },
  { name: 'docs', run: ['tsx', 'tools/docs.ts', '--check'], fix: ['tsx', 'tools/docs.ts'] },
  { name: 'card gallery', run: ['tsx', 'tools/gallery.ts', '--check'], fix: ['tsx', 'tools/gallery.ts'] },
  { name: 'tests', run: ['jest', ...(path ? [path] : [])] },
];

function run(command: readonly string[]): { ok: boolean; output: string; seconds: string } {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', ...command], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return { ok: status === 0, output: stdout + stderr, seconds: ((performance.now() - started) / 1000).toFixed(1) };
}

let failed = 0;
for (const stage of stages) {
  const { ok, output, seconds } = run((fix && stage.fix) || stage.run);
  console.log(`${ok ? '✓' : '✗'} ${stage.name} (${seconds} s)`);
  if (ok) continue;
  failed += 1;
  console.log(output);
  if (stage.fix) console.log(`  mend it with: npx ${stage.fix.join(' ')}`);
}
process.exitCode = failed === 0 ? 0 : 1;
