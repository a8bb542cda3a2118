import { acknowledging } from './acknowledging';
import { digests } from './digests';
import { flooding } from './flooding';
import { grown } from './grown';
import { memory } from './memory';
import { posting } from './posting';
import { refreshing } from './refreshing';
import { starting } from './starting';
import { type Result, table } from './table';
import { watching } from './watching';

/** `npm run bench [-- --sizes 1000,10000]`: every figure beside its peers of the same run. */
async function main(args: readonly string[]): Promise<void> {
  const at = args.indexOf('--sizes');
  const sizes = (args[at + 1] && at >= 0 ? args[at + 1] : '1000,10000,100000,1000000')?.split(',').map(Number) ?? [];
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const results: Result[] = [
    ...(await digests(sizes, say)),
    ...(await memory(Math.max(...sizes), say)),
    ...(await posting(say)),
    ...(await acknowledging(say)),
    ...(await flooding(say)),
    ...(await refreshing(say)),
    ...(await watching(say)),
    ...(await grown(say)),
    ...(await starting(say)),
  ];
  say(`\n${table(results)}`);
  if (results.some(({ reached }) => !reached)) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exitCode = 1;
});
