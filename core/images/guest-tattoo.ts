import type { ImageConfig } from '../catalogue';
import { type Tattoo, tattooFields, tattooKey, tattooPath } from './tattoo';

type Os = ImageConfig['os'];
type Step = ImageConfig['customize'][number];

/**
 * The steps that goldbot adds after those of a recipe: they burn the tattoo into the image, with the operating system as
 * the guest itself names it. On Windows a restart comes first, unless the recipe ends with one: what is still pending
 * would otherwise be done after the tattoo, or stop the generalization.
 */
export function tattooSteps(tattoo: Tattoo, { os, customize }: Pick<ImageConfig, 'os' | 'customize'>): readonly Step[] {
  if (os === 'Linux') return [{ type: 'Shell', name: 'tattoo', inline: shellLines(tattoo) }];
  const write: Step = {
    ...{ type: 'PowerShell', name: 'goldbot-tattoo', runElevated: true, runAsSystem: true },
    inline: powerShellLines(tattoo),
  };
  return customize.at(-1)?.type === 'WindowsRestart' ? [write] : [restart, write];
}

/** Five minutes, which Image Builder allows by itself, are known to be too short. */
const restart: Step = { type: 'WindowsRestart', name: 'goldbot-restart', restartTimeout: '30m' };

/** Names of all steps of a build as people see them, in their order; those that goldbot adds come last. */
export function stepNames(recipe: Pick<ImageConfig, 'os' | 'customize'>): readonly string[] {
  const added = tattooSteps(blank, recipe).map(({ name = '' }) => name.replace('goldbot-', ''));
  return [...recipe.customize.map((c) => c.name ?? c.type), ...added];
}

const blank = Object.fromEntries(tattooFields.map((field) => [field, ''])) as unknown as Tattoo;

/** `key=value` lines on the standard output, the same on both systems; `parseTattoo` reads them. */
export const tattooReader: Readonly<Record<Os, string>> = {
  Linux: `cat ${tattooPath}`,
  Windows: [
    // Where there is no console this says so on the error stream, and the rest, being ASCII, is read all the same.
    '[Console]::OutputEncoding = [System.Text.Encoding]::UTF8',
    "$ErrorActionPreference = 'Stop'",
    // A 32-bit host would be shown another part of the registry.
    "$hive = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')",
    `$key = $hive.OpenSubKey(${powerShellQuoted(tattooKey)})`,
    `if ($null -eq $key) { throw ${powerShellQuoted(`HKLM\\${tattooKey} does not exist`)} }`,
    `foreach ($name in ${tattooFields.map(powerShellQuoted).join(', ')}) {`,
    "  Write-Output ('{0}={1}' -f $name, $key.GetValue($name))",
    '}',
  ].join('\n'),
};

/** Whether what the reader wrote to its error stream means that the machine has no tattoo. */
export function saysNoTattoo(error: string): boolean {
  // PowerShell breaks its lines where its window would end.
  return /no such file|does not exist/i.test(error.replace(/\s+/g, ' '));
}

function shellLines(tattoo: Tattoo): string[] {
  const known = tattooFields.map((field) => (field === 'os' ? `"os=${prettyName}"` : quoted(field, tattoo)));
  return [
    `sudo mkdir -p ${tattooPath.slice(0, tattooPath.lastIndexOf('/'))}`,
    `printf '%s\\n' ${known.join(' ')} | sudo tee ${tattooPath} > /dev/null`,
    `sudo chmod 0444 ${tattooPath}`,
  ];
}

const prettyName = `$(sed -n 's/^PRETTY_NAME="\\(.*\\)"$/\\1/p' /etc/os-release)`;

const quoted = (field: keyof Tattoo, tattoo: Tattoo): string => shellQuoted(`${field}=${tattoo[field]}`);

function powerShellLines(tattoo: Tattoo): string[] {
  const value = (field: keyof Tattoo) => (field === 'os' ? caption : powerShellQuoted(tattoo[field]));
  return [
    "$ErrorActionPreference = 'Stop'",
    `$key = ${powerShellQuoted(`HKLM:\\${tattooKey}`)}`,
    '$system = Get-CimInstance -ClassName Win32_OperatingSystem',
    // Forced, so that nothing is left of the tattoo of an image that this one is made from.
    'New-Item -Path $key -Force | Out-Null',
    ...tattooFields.map(
      (field) => `Set-ItemProperty -Path $key -Name ${powerShellQuoted(field)} -Value ${value(field)}`,
    ),
  ];
}

const caption = "('{0} {1}' -f $system.Caption.Trim(), $system.Version)";

/** A word of `sh` that means this text and nothing else. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * An expression of PowerShell that means this text and nothing else. Windows PowerShell reads a script in the code page of
 * the machine, where the bytes of a letter with an accent may be a quotation mark: what is not ASCII goes by its number.
 */
export function powerShellQuoted(text: string): string {
  const quoted = (part: string) => `'${part.replaceAll("'", "''")}'`;
  if (/^[\x20-\x7e]*$/.test(text)) return quoted(text);
  const parts = (text.match(/[\x20-\x7e]+|[^\x20-\x7e]/g) ?? []).map((part) =>
    /[\x20-\x7e]/.test(part) ? quoted(part) : `[char]0x${part.charCodeAt(0).toString(16)}`,
  );
  return `('' + ${parts.join(' + ')})`;
}
