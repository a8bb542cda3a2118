import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseTattoo, saysNoTattoo, type Tattoo, tattooReader, tattooSteps } from '../../core/images';
import { askPowerShell, judgedByPowerShell } from '../support/powershell';
import { everyText, hostileTattoo, isPowerShell, type ShellText, writtenInCode } from './texts';

const texts = everyText();
const of = (shell: ShellText['shell']) => texts.filter((text) => text.shell === shell);

describe('texts for shells', () => {
  it('are found in the catalogue, the documentation, the workflows of GitHub and what goldbot sends', () => {
    const places = (shell: ShellText['shell']) => [...new Set(of(shell).map(({ name }) => name.split(/[:/]/)[0]))];
    expect(places('PowerShell')).toEqual(expect.arrayContaining(['catalog', 'core']));
    expect(places('sh')).toEqual(expect.arrayContaining(['catalog', 'core', 'package.json']));
    expect(places('bash')).toEqual(expect.arrayContaining(['.ci', '.github', 'docs']));
  });

  it('are all found: what the code has of PowerShell is part of one', () => {
    const known = of('PowerShell').map(({ text }) => text);
    const unknown = writtenInCode().filter(({ text }) => !known.some((whole) => whole.includes(text)));
    expect(unknown).toEqual([]);
  });

  it.each([
    "Write-Output 'a'",
    "if (Test-Path 'HKLM:\\SOFTWARE') { 'a' }",
    '[Environment]::MachineName',
    'exit $LASTEXITCODE',
  ])('are known for PowerShell: %s', (text) => {
    expect(isPowerShell(text)).toBe(true);
  });
});

// Windows has neither.
(process.platform === 'win32' ? describe.skip : describe)('real shells', () => {
  it.each(['sh', 'bash'] as const)('%s can read every text that it will be given', (shell) => {
    const complaintOf = (text: string) => spawnSync(shell, ['-n'], { input: text, encoding: 'utf8' }).stderr;
    const complaints = of(shell).map(({ name, text }) => [name, complaintOf(text)]);
    expect(complaints.filter(([, complaint]) => complaint !== '')).toEqual([]);
    expect(complaintOf('if true; then echo a')).not.toBe('');
  });
});

interface Answer {
  readonly errors: readonly string[];
  readonly runs: readonly {
    readonly name: string;
    /** Values by name, by key below HKEY_LOCAL_MACHINE. */
    readonly registry: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly printed: readonly { readonly lines: readonly string[]; readonly errors: readonly string[] }[];
  }[];
}

const wrong: readonly (readonly [text: string, complaint: string])[] = [
  ["Write-Output 'a", "The string is missing the terminator: '."],
  ["Write-Output 'a' &&\nWrite-Output 'b'", 'Windows PowerShell 5.1 does not know && between commands'],
  ['$a ? 1 : 2', 'Windows PowerShell 5.1 does not know condition ? one : other'],
  ['Write-Output 1 &', 'Windows PowerShell 5.1 does not know a command in the background (&)'],
  ['$a ?? 1', 'Windows PowerShell 5.1 does not know ??'],
  ['$a ??= 1', 'Windows PowerShell 5.1 does not know ??='],
  [`\${a}?.b`, 'Windows PowerShell 5.1 does not know ?.'],
  ['"`u{41}"', 'Windows PowerShell 5.1 does not know `u{…} or `e in a text'],
  ["Write-Output 'ü'", 'Windows PowerShell 5.1 may read another character for ü'],
];

const goldbotKey = 'SOFTWARE\\goldbot\\tattoo';

const written = (tattoo: Tattoo): string => {
  const last = tattooSteps(tattoo, { os: 'Windows', customize: [] }).at(-1);
  return last && 'inline' in last ? (last.inline ?? []).join('\n') : '';
};
const older = { [goldbotKey]: { image: 'older', left: 'over' }, [`${goldbotKey}\\below`]: {} };
const runs = [
  { name: 'hostile', before: {}, texts: [written(hostileTattoo), tattooReader.Windows] },
  { name: 'over an older one', before: older, texts: [written(hostileTattoo), tattooReader.Windows] },
  { name: 'none', before: {}, texts: [tattooReader.Windows] },
];

const answer = askPowerShell<Answer>(join(__dirname, 'judge.ps1'), {
  texts: [...of('PowerShell'), ...wrong.map(([text], i) => ({ name: `wrong ${i}`, text }))],
  runs,
});

judgedByPowerShell('PowerShell', answer, ({ errors, runs: done }) => {
  const run = (name: string) => done.find((one) => one.name === name);
  // As Windows names itself, without the space that it puts at the end.
  const os = 'Microsoft Windows Server 2022 Datacenter Azure Edition 10.0.20348';

  it('can read every text that it will be given, and so can the 5.1 that guests have', () => {
    expect(errors.filter((error) => !error.startsWith('wrong '))).toEqual([]);
  });

  it.each(wrong.map(([text, complaint], i) => [text, complaint, i] as const))('cannot read %s', (_, complaint, i) => {
    expect(errors.filter((error) => error.startsWith(`wrong ${i}: `))).toEqual([expect.stringContaining(complaint)]);
  });

  it.each(['hostile', 'over an older one'])('writes the tattoo with each value as it is, and reads it: %s', (name) => {
    const { registry, printed } = run(name) ?? {};
    expect(printed?.flatMap(({ errors: said }) => said)).toEqual([]);
    // Nothing else is left, and nothing is printed while it is written.
    expect(registry).toEqual({ [goldbotKey]: { ...hostileTattoo, os } });
    expect(printed?.[0]?.lines).toEqual([]);
    expect(parseTattoo(printed?.[1]?.lines.join('\n') ?? '')).toEqual({ ...hostileTattoo, os });
  });

  it('says that there is no tattoo as goldbot understands it', () => {
    const [{ lines, errors: said } = { lines: ['?'], errors: [] }] = run('none')?.printed ?? [];
    expect(lines).toEqual([]);
    expect(said.map(saysNoTattoo)).toEqual([true]);
  });
});
