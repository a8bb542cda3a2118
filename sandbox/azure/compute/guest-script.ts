import type { World } from '../../kernel/world';
import { vmGuest } from '../estate/guests';
import { setGuest } from '../guest/guest';
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
}

/** Azure keeps the last 4,096 bytes of each stream. */
const kept = 4_096;

/** Runs a script in the guest of a VM; what it changes stays changed. Windows guests do not understand commands yet. */
export function runInGuest(world: World, vm: Resource, { script, parameters, atMs }: ScriptToRun): ScriptResult {
  const guest = vmGuest(world, vm);
  if (!guest || isWindows(vm)) {
    return {
      exitCode: 127,
      output: '',
      error: 'sandbox: nothing inside this VM is modelled, so nothing was executed\n',
    };
  }
  const named = parameters.filter((p) => p.name);
  const exports = named.map((p) => `export ${p.name}='${p.value.replaceAll("'", `'\\''`)}'\n`).join('');
  const args = ['script.sh', ...parameters.filter((p) => !p.name).map((p) => p.value)];
  const result = runShell(guest, exports + script, {
    mode: 'strict',
    now: new Date(atMs),
    args,
    dialect: dialectOf(script),
  });
  setGuest(world, vm.id, guest);
  return { exitCode: result.exitCode, output: tail(result.stdout), error: tail(result.stderr) };
}

export function isWindows(vm: Resource): boolean {
  return object(object(vm.properties['storageProfile'])['osDisk'])['osType'] === 'Windows';
}

function tail(stream: string): string {
  const bytes = Buffer.from(stream);
  return bytes.length <= kept ? stream : bytes.subarray(bytes.length - kept).toString('utf8');
}
