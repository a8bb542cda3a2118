import type { World } from '../../kernel/world';
import { vmGuest } from '../estate/guests';
import { type Guest, setGuest } from '../guest/guest';
import { runPowerShell } from '../guest/powershell';
import { dialectOf, runShell } from '../guest/shell';
import { object, type Resource } from './resource';

interface ScriptResult {
  readonly exitCode: number;
  readonly output: string;
  readonly error: string;
}

interface ScriptToRun {
  readonly script: string;
  /** Named ones are environment variables of the script, unnamed ones its arguments. */
  readonly parameters: readonly { readonly name?: string; readonly value: string }[];
  readonly atMs: number;
  /** Of a managed run command. */
  readonly name?: string;
}

/** Azure keeps the last 4,096 bytes of each stream. */
const kept = 4_096;

/** Runs a script in the guest of a VM, as root or SYSTEM; what it changes stays changed. */
export function runInGuest(world: World, vm: Resource, script: ScriptToRun): ScriptResult {
  const guest = vmGuest(world, vm);
  if (!guest) {
    return {
      exitCode: 127,
      output: '',
      error: 'sandbox: nothing inside this VM is modelled, so nothing was executed\n',
    };
  }
  const result = guest.registry ? runWindows(guest, script) : runLinux(guest, script);
  setGuest(world, vm.id, guest);
  return { exitCode: result.exitCode, output: tail(result.stdout), error: tail(result.stderr) };
}

function runWindows(guest: Guest, { script, parameters, atMs, name }: ScriptToRun) {
  const folder = name
    ? `C:\\Packages\\Plugins\\Microsoft.CPlat.Core.RunCommandHandlerWindows\\2.0.18\\Downloads\\${name}`
    : 'C:\\Packages\\Plugins\\Microsoft.CPlat.Core.RunCommandWindows\\1.1.22\\Downloads\\script0';
  return runPowerShell(guest, script, {
    mode: 'strict',
    now: new Date(atMs),
    file: `${folder}.ps1`,
    as: 'file',
    parameters,
  });
}

function runLinux(guest: Guest, { script, parameters, atMs }: ScriptToRun) {
  const named = parameters.filter((p) => p.name);
  const exports = named.map((p) => `export ${p.name}='${p.value.replaceAll("'", `'\\''`)}'\n`).join('');
  const args = ['script.sh', ...parameters.filter((p) => !p.name).map((p) => p.value)];
  return runShell(guest, exports + script, { mode: 'strict', now: new Date(atMs), args, dialect: dialectOf(script) });
}

export function isWindows(vm: Resource): boolean {
  const { storageProfile, osType } = vm.properties;
  return /^windows$/i.test(String(object(object(storageProfile)['osDisk'])['osType'] ?? osType));
}

function tail(stream: string): string {
  const bytes = Buffer.from(stream);
  return bytes.length <= kept ? stream : bytes.subarray(bytes.length - kept).toString('utf8');
}
