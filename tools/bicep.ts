import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { BicepCompiler, bicepCompiler, fetchBicepCompiler } from './bicep-compiler';
import { complaints, digestFile, parameterSets, sampleEnvironment, sourcesDigest, takeSnapshot } from './bicep-project';

/**
 * `npm run bicep [-- --check | --fetch]`: fetches the compiler if need be, builds and lints everything under deploy/, and
 * writes the snapshots of all parameter files. `--check` writes nothing and says what is behind; `--fetch` only fetches.
 */
async function main(args: readonly string[]): Promise<boolean> {
  fetchBicepCompiler();
  if (args.includes('--fetch')) return true;
  const compiler = new BicepCompiler(bicepCompiler() ?? '', sampleEnvironment());
  try {
    const problems = await complaints(compiler);
    if (problems.length > 0) {
      console.log(problems.join('\n'));
      return false;
    }
    const texts = new Map<string, string>();
    for (const set of parameterSets()) texts.set(set.snapshot, await takeSnapshot(compiler, set));
    texts.set(digestFile, `${sourcesDigest()}\n`);
    return [...texts].map(([file, text]) => keep(file, text, args.includes('--check'))).every(Boolean);
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
