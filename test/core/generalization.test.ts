import type { ImageConfig } from '../../core/catalogue';
import { lostScript } from '../../core/images';

const windows = (...inline: string[]): ImageConfig['customize'][number] => ({
  type: 'PowerShell',
  name: 'tidy',
  inline,
});
const lost = (os: 'Linux' | 'Windows', ...customize: ImageConfig['customize']) => lostScript({ os, customize });
const path = 'C:\\DeprovisioningScript.ps1';

describe('the script with which Image Builder generalizes the machine', () => {
  it.each([
    `Remove-Item ${path}`,
    `Get-Item ${path} | Remove-Item -Force`,
    `if (Test-Path ${path}) { rm '${path.toLowerCase()}' }`,
    `cmd /c del ${path}`,
    `Move-Item ${path} D:\\`,
    'Remove-Item C:\\* -Recurse -Force',
    "Remove-Item -Force 'C:\\*.ps1', 'C:\\*.log'",
    'Remove-Item $env:SystemDrive\\*.ps1',
    'Write-Output hello; Remove-Item "$env:SystemDrive\\DeprovisioningScript.ps1"',
  ])('is lost by `%s`', (line) => {
    expect(lost('Windows', windows('Write-Output 1', line), windows('Write-Output 2'))).toEqual({ path, step: 'tidy' });
  });

  it.each([
    `Set-Content ${path} 'sysprep'`,
    `Remove-Item C:\\Temp\\* -Recurse; Get-Content ${path}`,
    'Remove-Item C:\\Temp\\*.ps1',
    'Remove-Item C:\\*.log',
    `# Remove-Item ${path}`,
    `Write-Output 1 # rm ${path}`,
  ])('is there after `%s`', (line) => {
    expect(lost('Windows', windows(line))).toBeUndefined();
  });

  it('is there when a later step writes it again, by a line or as a file, and lost when that comes before', () => {
    const gone = windows(`Remove-Item ${path}`);
    const written = { type: 'File' as const, name: 'own', sourceUri: 'https://x/y.ps1', destination: path };
    expect(lost('Windows', gone, windows(`Copy-Item C:\\own.ps1 ${path}`))).toBeUndefined();
    expect(lost('Windows', gone, written)).toBeUndefined();
    expect(lost('Windows', written, gone)).toEqual({ path, step: 'tidy' });
    expect(lost('Windows', { type: 'WindowsRestart' }, { type: 'WindowsUpdate' })).toBeUndefined();
  });

  it('of Linux is lost by name alone: who empties /tmp does no harm', () => {
    const shell = (line: string) => lost('Linux', { type: 'Shell', name: 'clean', inline: [line] });
    expect(shell('sudo rm -f /tmp/DeprovisioningScript.sh')).toEqual({
      ...{ path: '/tmp/DeprovisioningScript.sh', step: 'clean' },
    });
    expect(shell('sudo rm -rf /var/lib/apt/lists/* /tmp/* /var/tmp/*')).toBeUndefined();
    expect(shell("printf 'waagent -force -deprovision' > /tmp/DeprovisioningScript.sh")).toBeUndefined();
  });
});
