import { Session } from 'node:inspector/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = join(__dirname, '../..');
const product = ['core', 'store', 'services', 'workflows', 'cards', 'dialogs', 'bot', 'app'];

/** Names of the functions that ran, by product file relative to the repository. */
export type Executed = ReadonlyMap<string, readonly string[]>;

interface FunctionCoverage {
  readonly functionName: string;
  readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
}

/**
 * V8's precise coverage of this process, with counts. A file counts if one of its own functions ran since `begin`:
 * loading a module, a getter through which an export is read, and the helpers that the transpiler adds are not its own.
 */
export class Coverage {
  private readonly session = new Session();

  /** `root`: where the product's folders are. */
  constructor(private readonly root = repository) {}

  async begin(): Promise<void> {
    this.session.connect();
    await this.session.post('Profiler.enable');
    // V8 reveals the source it runs, which is not the one on disk, only through the debugger.
    await this.session.post('Debugger.enable');
    await this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    await this.session.post('Profiler.takePreciseCoverage');
  }

  async end(): Promise<Executed> {
    const { result } = await this.session.post('Profiler.takePreciseCoverage');
    const executed = new Map<string, readonly string[]>();
    for (const { url, scriptId, functions } of result) {
      const file = productFile(url, this.root);
      if (file === undefined) continue;
      const { scriptSource } = await this.session.post('Debugger.getScriptSource', { scriptId });
      const names = ownFunctions(scriptSource, functions);
      if (names.length > 0) executed.set(file, [...(executed.get(file) ?? []), ...names]);
    }
    await this.session.post('Profiler.stopPreciseCoverage');
    this.session.disconnect();
    return executed;
  }
}

function productFile(url: string, root: string): string | undefined {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return undefined;
  const file = relative(root, fileURLToPath(url)).split(sep).join('/');
  return product.includes(file.split('/')[0] ?? '') ? file : undefined;
}

function ownFunctions(source: string, functions: readonly FunctionCoverage[]): readonly string[] {
  const preludeEnd = Math.max(source.indexOf('module.exports=__toCommonJS('), 0);
  return functions
    .filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0)
    .filter(({ functionName, ranges }) => {
      const { startOffset = 0 } = ranges[0] ?? {};
      return (
        startOffset > source.indexOf('"use strict"') && startOffset >= preludeEnd && !functionName.startsWith('__')
      );
    })
    .map(({ functionName }) => functionName || '(nameless)');
}
