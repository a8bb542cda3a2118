import { baseGuest as baseOf } from '../../../sandbox/azure/guest/base';
import type { Guest } from '../../../sandbox/azure/guest/guest';
import { runPowerShell } from '../../../sandbox/azure/guest/powershell';

export type { Guest } from '../../../sandbox/azure/guest/guest';
export { runPowerShell } from '../../../sandbox/azure/guest/powershell';

export const now = new Date('2026-11-22T12:00:00Z');

/** A fresh Windows Server 2022, or another one. */
export function baseGuest(sku = '2022-datacenter-azure-edition', version = '20348.4300.261013'): Guest {
  const image = { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku, version };
  const guest = baseOf(image);
  if (!guest) throw new Error(`There is no guest of ${sku} ${version}.`);
  return guest;
}

/** A script as a run command runs it. */
export function run(guest: Guest, script: string, mode: 'strict' | 'customizer' = 'strict') {
  return runPowerShell(guest, script, { mode, now, as: mode === 'strict' ? 'file' : 'command' });
}
