import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { pieceCommand } from '../../core/contents';
import { type Tattoo, tattooReader, tattooSteps } from '../../core/images';
import { testScript } from '../../workflows/publish/test';
import { literals } from '../support/project-rules';

export type Shell = 'PowerShell' | 'sh' | 'bash';

/** A text that some shell will read: one that goldbot sends to a machine, or one that a person copies. */
export interface ShellText {
  /** Where it stands: `catalog/images/ubuntu-22.yaml: customize 1 (updates)`. */
  readonly name: string;
  readonly shell: Shell;
  readonly text: string;
}

const root = join(__dirname, '../..');
const product = ['core', 'store', 'services', 'workflows', 'cards', 'dialogs', 'bot', 'app'];

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** What the repository has, without what only tests have. */
function files(...of: readonly string[]): readonly string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', ...of];
  const { stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return stdout.split('\n').filter((file) => file !== '' && !file.startsWith('test/') && existsSync(join(root, file)));
}

/** Everything that a shell will read, found where it stands. */
export function everyText(): readonly ShellText[] {
  const found = files().flatMap((file) => {
    if (/\.md$/.test(file)) return fenced(file);
    if (file === 'package.json') return npmScripts(file);
    if (/\.(ya?ml|json)$/.test(file) && file !== 'package-lock.json') return structured(file, read(file));
    return program(file);
  });
  return [...found, ...mentioned(), ...sent()];
}

/** Quotes (a word processor's too), variables, substitutions and separators of both systems: a name that tries to break out. */
const hostile = 'a\'b"c`d$(e)$f;g|h&i\\#%{}@() ‘’‚‛“”é😀';

export const hostileTattoo: Tattoo = {
  ...{ schema: '1', image: hostile, version: '1.2.3', source: hostile, os: 'unread' },
  ...{ built: '2026-11-29T00:00:00Z', run: 'R-ABCDE', recipe: hostile },
};

/** What goldbot adds to a recipe and asks of machines by itself. */
function sent(): readonly ShellText[] {
  return (['Linux', 'Windows'] as const).flatMap((os) => [
    ...steps(`core/images: the tattoo on ${os}`, tattooSteps(hostileTattoo, { os, customize: [] })),
    { name: `core/images: the reader of the tattoo on ${os}`, shell: shellOf(os), text: tattooReader[os] },
    ...[0, 1].map((piece) => ({
      name: `core/contents: piece ${piece} of what is inside on ${os}`,
      shell: shellOf(os),
      text: pieceCommand(os, piece).script,
    })),
  ]);
}

function shellOf(os: unknown): Shell {
  return os === 'Windows' ? 'PowerShell' : 'sh';
}

type Mapping = Readonly<Record<string, unknown>>;
const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listIn = (value: unknown): readonly Mapping[] => (Array.isArray(value) ? value.filter(isMapping) : []);

/** Steps of a template or recipe, wherever they stand in a file; tests of an image; the commands of a workflow of GitHub. */
function structured(file: string, text: string): readonly ShellText[] {
  const visit = (value: unknown, path: string): readonly ShellText[] => {
    if (Array.isArray(value)) return [...steps(`${file}:${path}`, listIn(value)), ...inside(value.entries(), path)];
    if (!isMapping(value)) return [];
    const own = file.startsWith('.github/') && typeof value['run'] === 'string';
    const command = own ? [{ name: `${file}:${path}`, shell: 'bash' as const, text: String(value['run']) }] : [];
    return [...command, ...testsOf(file, value), ...inside(Object.entries(value), path)];
  };
  const inside = (entries: Iterable<readonly [string | number, unknown]>, path: string) =>
    [...entries].flatMap(([key, value]) => visit(value, `${path} ${key}`));
  if (!/\b(inline|filters|run)"?:/.test(text)) return [];
  return parseAllDocuments(text).flatMap((document) => visit(document.toJS(), ''));
}

function testsOf(file: string, image: Mapping): readonly ShellText[] {
  const { os } = image;
  if (os !== 'Linux' && os !== 'Windows') return [];
  const tests = listIn(image['tests']).filter(({ run }) => typeof run === 'string');
  return tests.map(({ name, run }) => ({
    name: `${file}: test ${String(name)}`,
    shell: shellOf(os),
    text: testScript(os, String(run)),
  }));
}

/** As Image Builder puts them together: the lines are one script, a filter of updates is an expression. */
function steps(where: string, list: readonly Mapping[]): readonly ShellText[] {
  return list.flatMap((step, i) => {
    const { type, name, inline, filters } = step;
    const at = `${where} ${i + 1} (${String(name ?? type)})`;
    if (type === 'WindowsUpdate' && Array.isArray(filters)) {
      const text = filters.map((filter) => String(filter).replace(/^(include|exclude):/, '')).join('\n');
      return [{ name: at, shell: 'PowerShell' as const, text }];
    }
    if ((type !== 'Shell' && type !== 'PowerShell') || !Array.isArray(inline)) return [];
    return [{ name: at, shell: type === 'Shell' ? ('sh' as const) : type, text: inline.join('\n') }];
  });
}

const languages: Readonly<Record<string, Shell>> = {
  ...{ sh: 'sh', shell: 'sh', bash: 'bash', console: 'bash' },
  ...{ powershell: 'PowerShell', pwsh: 'PowerShell', ps1: 'PowerShell' },
};

/** The blocks of code of a page. */
function fenced(file: string): readonly ShellText[] {
  const blocks = read(file).matchAll(/^( *)```(\w+)\n(.*?)^ *```/gms);
  return [...blocks].flatMap(([, indent = '', language = '', block = '']) => {
    const text = block.replace(new RegExp(`^${indent}`, 'gm'), '');
    const shell = languages[language.toLowerCase()];
    if (/^ya?ml$/.test(language)) return structured(file, text);
    return shell ? [{ name: `${file}: ${text.split('\n')[0]}`, shell, text }] : [];
  });
}

function npmScripts(file: string): readonly ShellText[] {
  const { scripts } = JSON.parse(read(file)) as { scripts: Record<string, string> };
  return Object.entries(scripts).map(([name, text]) => ({ name: `${file}: ${name}`, shell: 'sh', text }));
}

function program(file: string): readonly ShellText[] {
  if (/\.(ts|js|mjs|cjs|css|png|svg|html|txt)$/.test(file)) return [];
  const text = read(file);
  const [, by] = /^#!.*\b(bash|sh)\b/.exec(text) ?? [];
  const shell = by ?? (/\.ps1$/.test(file) ? 'PowerShell' : /\.sh$/.test(file) ? 'sh' : undefined);
  return shell ? [{ name: file, shell: shell as Shell, text }] : [];
}

/** Whether a text is meant for PowerShell: a cmdlet, a drive of the registry, an automatic variable, a static call. */
export function isPowerShell(text: string): boolean {
  return cmdlet.test(text) || /\bHK(LM|CU|CR|U):|-ErrorAction\b|\[[A-Za-z.]+\]::/.test(text) || variable.test(text);
}

const verbs =
  'Add Clear Compare Convert ConvertTo ConvertFrom Copy Disable Dismount Enable Expand Export Find ForEach Format Get ' +
  'Import Install Invoke Join Measure Mount Move New Out Read Register Remove Rename Repair Reset Resize Resolve Restart ' +
  'Restore Resume Save Select Set Show Sort Split Start Stop Suspend Tee Test Trace Unblock Uninstall Unregister Update ' +
  'Wait Where Write';
const cmdlet = new RegExp(`\\b(${verbs.replaceAll(' ', '|')})-[A-Z][A-Za-z]+\\b`);
const variable = /\$(ErrorActionPreference|ProgressPreference|LASTEXITCODE|null|true|false|env:|_\b)/;

const quotations = /`([^`]+)`/g;

/** Every text in the product's code that is PowerShell and not quoted in a sentence, and where it stands. */
export function writtenInCode(): readonly { readonly at: string; readonly text: string }[] {
  return literalsOfTheProduct().filter(({ text }) => isPowerShell(text.replace(quotations, '')));
}

/** What sentences of the product quote; what has an ellipsis is no text to copy. */
function mentioned(): readonly ShellText[] {
  return literalsOfTheProduct().flatMap(({ at, text }) =>
    [...text.matchAll(quotations)]
      .map(([, quoted = '']) => quoted)
      .filter((quoted) => isPowerShell(quoted) && !quoted.includes('…'))
      .map((quoted) => ({ name: at, shell: 'PowerShell' as const, text: quoted })),
  );
}

function literalsOfTheProduct() {
  const code = files(...product).filter((file) => file.endsWith('.ts'));
  return code.flatMap((file) => {
    const text = read(file);
    // Parsing all of it takes a second; few files name anything of PowerShell.
    return isPowerShell(text) ? literals(text).map(({ line, what }) => ({ at: `${file}:${line}`, text: what })) : [];
  });
}
