import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { headings, limits, readersList, type WayName } from './ways/reader';
import { walks } from './ways/walks';

/**
 * `npm run ways [-- --check] [--list] [--way click]`: how many product files you open to follow goldbot's four ways,
 * counted by the lists in `docs/architecture.md` and as files with a function that ran between the two points.
 * `--list` names the files. `--check` only compares the lists: exit code 1 if one has a broken link or is too long.
 */
const root = join(__dirname, '..');

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      way: { type: 'string' },
    },
  });
  const names = (Object.keys(headings) as WayName[]).filter((name) => !values.way || name === values.way);
  if (names.length === 0) throw new Error(`no way is called ${values.way}: ${Object.keys(headings).join(', ')}`);
  for (const name of names) {
    const read = readersList(name, root);
    console.log(`${headings[name]} (at most ${limits[name]})`);
    report('read', read.files, { name, list: values.list });
    for (const file of read.broken) console.log(`  the list links ${file}, which does not exist`);
    if (values.check && (read.broken.length > 0 || read.files.length > limits[name])) process.exitCode = 1;
    if (values.check) continue;
    const executed = await walks[name]();
    report('executed', [...executed.keys()].sort(), { name, list: values.list });
  }
}

function report(how: 'read' | 'executed', files: readonly string[], { name, list }: { name: WayName; list: boolean }) {
  const over = files.length - limits[name];
  console.log(`  ${how.padEnd(9)}${String(files.length).padStart(4)}${over > 0 ? `  ${over} too many` : ''}`);
  if (list) for (const file of files) console.log(`    ${file}`);
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
