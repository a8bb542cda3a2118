import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { BicepCompiler, bicepCompiler, fetchBicepCompiler } from './bicep/compiler';
import { snapshotsPage } from './bicep/list';
import {
  bicepTemplates,
  committed,
  complaints,
  digestFile,
  goldenImagesFile,
  goldenImagesText,
  type Layer,
  layers,
  parameterSets,
  sampleEnvironment,
  snapshotsPageFile,
  sourcesDigest,
  takeSnapshot,
} from './bicep/project';

/**
 * `npm run bicep [-- --check | --fetch]`: fetches the compiler if need be, builds and lints everything under deploy/, and
 * writes the snapshots of all parameter files. `--check` writes nothing and says what is behind; `--fetch` only fetches.
 */
async function main(args: readonly string[]): Promise<boolean> {
  fetchBicepCompiler();
  if (args.includes('--fetch')) return true;
  const check = args.includes('--check');
  let well = keep(goldenImagesFile, goldenImagesText(), check);
  // The layers in order: what the platform puts out is what the others read.
  for (const layer of layers) well = (await compile(layer, check)) && well;
  if (!well) return false;
  const page = snapshotsPage(parameterSets().map((set) => [set, committed(set)] as const));
  const isKept = [keep(snapshotsPageFile, page, check), keep(digestFile, `${sourcesDigest()}\n`, check)].every(Boolean);
  if (isKept) console.log(`${parameterSets().length} parameter files were compiled and linted without a complaint.`);
  return isKept;
}

async function compile(layer: Layer, check: boolean): Promise<boolean> {
  const compiler = new BicepCompiler(bicepCompiler() ?? '', sampleEnvironment());
  try {
    const sets = parameterSets().filter((set) => set.layer === layer);
    const problems = await complaints(compiler, [
      ...(layer === layers[0] ? bicepTemplates() : []),
      ...sets.map(({ file }) => file),
    ]);
    if (problems.length > 0) {
      console.log(problems.join('\n'));
      return false;
    }
    let well = true;
    for (const set of sets) well = keep(set.snapshot, await takeSnapshot(compiler, set), check) && well;
    return well;
  } finally {
    compiler.close();
  }
}

/** Whether a file is as it should be at the end. */
function keep(file: string, text: string, check: boolean): boolean {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return true;
  const path = relative(process.cwd(), file);
  if (check) {
    console.log(`${path} is behind the templates: run \`npm run bicep\`.`);
    return false;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`${path} written`);
  return true;
}

main(process.argv.slice(2)).then(
  (well) => {
    if (!well) process.exitCode = 1;
  },
  (error: unknown) => {
    console.log((error as Error).message);
    process.exitCode = 1;
  },
);
