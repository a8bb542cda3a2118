import type { Guest } from '../model';
import { WindowsFiles, windowsPath } from '../windows/files';
import { GuestRegistry } from '../windows/registry';
import { display } from './display';
import { Endless, errorRecord, errorText, type Place, type Problem, Terminating } from './errors';
import type { Extent, Script } from './syntax';
import { Bag, PsObject, toText, type Value, versionObject } from './values';

export type PowerShellMode = 'customizer' | 'strict';

export interface OutputLine {
  readonly stream: 'out' | 'err';
  readonly text: string;
}

export interface RuntimeOptions {
  readonly guest: Guest;
  readonly mode: PowerShellMode;
  readonly now: Date;
  readonly user: string;
  readonly file: string;
  readonly text: string;
}

/** A variable whose value nothing modelled could give: whoever reads it is not executed either. */
export const unknown = Symbol('not modelled');

/** How many statements a script may run: none of them waits for ever. */
const patience = 200_000;
/** Nothing that runs a script waits longer. */
const longest = 24 * 3_600_000;

/** The state of a script that is running. */
export class Runtime {
  readonly guest: Guest;
  readonly registry: GuestRegistry;
  readonly files: WindowsFiles;
  readonly mode: PowerShellMode;
  readonly user: string;
  readonly notes: string[] = [];
  readonly output: { stream: 'out' | 'err'; text: string }[] = [];
  readonly errors: PsObject[] = [];
  readonly functions = new Map<string, Script>();
  readonly environment: Bag;
  /** World milliseconds that the script has slept. */
  sleptMs = 0;
  place: { file: string; text: string };
  cwd = 'C:\\Windows\\system32';
  lastExit: number | undefined;
  succeeded = true;
  /** How many `try` bodies are running. */
  tries = 0;
  private readonly waiting: Value[] = [];
  private steps = 0;
  private readonly scopes: Map<string, Value | typeof unknown>[] = [new Map()];
  private readonly start: Date;

  constructor({ guest, mode, now, user, file, text }: RuntimeOptions) {
    this.guest = guest;
    this.registry = new GuestRegistry(guest);
    this.files = new WindowsFiles(guest);
    this.mode = mode;
    this.user = user;
    this.start = now;
    this.place = { file, text };
    this.environment = environmentOf(guest, user);
    const preferences = {
      ErrorActionPreference: 'Continue',
      ProgressPreference: 'Continue',
      WarningPreference: 'Continue',
      VerbosePreference: 'SilentlyContinue',
      ConfirmPreference: 'High',
      InformationPreference: 'SilentlyContinue',
      DebugPreference: 'SilentlyContinue',
    };
    for (const [name, value] of Object.entries(preferences)) this.set(name, value);
  }

  get now(): Date {
    return new Date(this.start.getTime() + this.sleptMs);
  }

  step(): void {
    this.steps += 1;
    if (this.steps > patience || this.sleptMs > longest) throw new Endless(this.steps > patience);
  }

  lookup(name: string): Value | typeof unknown | undefined {
    const at = name.toLowerCase();
    for (let i = this.scopes.length - 1; i >= 0; i -= 1) {
      const found = this.scopes[i]?.get(at);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  set(name: string, value: Value | typeof unknown, scope: 'local' | 'global' = 'local'): void {
    const at = scope === 'global' ? this.scopes[0] : this.scopes.at(-1);
    at?.set(name.toLowerCase(), value);
  }

  forget(name: string): void {
    for (const scope of this.scopes) scope.delete(name.toLowerCase());
  }

  inScope<T>(variables: Readonly<Record<string, Value>>, run: () => T): T {
    this.scopes.push(new Map(Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value])));
    try {
      return run();
    } finally {
      this.scopes.pop();
    }
  }

  get errorAction(): string {
    const value = this.lookup('ErrorActionPreference');
    return typeof value === 'symbol' ? 'Continue' : toText(value ?? 'Continue');
  }

  placeOf(extent?: Extent): Place {
    return { ...this.place, ...(extent && { extent }) };
  }

  note(what: string): void {
    this.notes.push(`not executed: ${what}`);
    if (this.mode === 'customizer') this.write('out', `sandbox: not executed: ${what}\n`);
  }

  write(stream: 'out' | 'err', text: string): void {
    this.flush();
    this.output.push({ stream, text });
  }

  /** What nobody took: the host shows it, objects of one kind together. */
  show(value: Value): void {
    if (value instanceof PsObject && value.text === undefined) this.waiting.push(value);
    else if (value !== null) this.write('out', display([value]));
  }

  flush(): void {
    const text = display(this.waiting.splice(0));
    if (text) this.output.push({ stream: 'out', text });
  }

  filePath(path: string): string {
    return windowsPath(path.replace(/^.*::/, '').replace(/^"|"$/g, ''), this.cwd);
  }

  errorTextOf({ problem, place }: Terminating): string {
    return errorText(problem, place);
  }

  /** What a record says, to be thrown again. */
  problemOf(record: PsObject): Problem {
    const message = toText(record);
    return {
      message,
      category: 'OperationStopped',
      target: `${message}:String`,
      exception: 'RuntimeException',
      id: message,
    };
  }

  versionTable(): Bag {
    const build = this.guest.os.kernel;
    return Bag.of({
      PSVersion: versionObject(`5.1.${build.replace(/^10\.0\./, '')}`) ?? null,
      PSEdition: 'Desktop',
      BuildVersion: versionObject(build) ?? null,
      CLRVersion: versionObject('4.0.30319.42000') ?? null,
    });
  }

  terminating(problem: Problem, extent?: Extent, thrown?: Value): Terminating {
    const place = this.placeOf(extent);
    return new Terminating(
      problem,
      place,
      errorRecord(problem, place, thrown),
      this.errorAction.toLowerCase() === 'stop',
    );
  }

  /** An error after which its command goes on, unless whoever called it wants otherwise. */
  report(problem: Problem, extent?: Extent, action = this.errorAction): PsObject | undefined {
    this.succeeded = false;
    const wanted = action.toLowerCase();
    const place = this.placeOf(extent);
    const record = errorRecord(problem, place);
    if (wanted === 'stop' || wanted === '1') throw new Terminating(problem, place, record, true);
    if (wanted === 'ignore') return undefined;
    this.errors.unshift(record);
    if (wanted !== 'silentlycontinue') this.write('err', errorText(problem, place));
    return record;
  }
}

function environmentOf(guest: Guest, user: string): Bag {
  const host = guest.hostname ?? 'WIN-SANDBOX';
  const isSystem = user === 'SYSTEM';
  const profile = isSystem ? 'C:\\Windows\\system32\\config\\systemprofile' : `C:\\Users\\${user}`;
  const temp = isSystem ? 'C:\\Windows\\TEMP' : `${profile}\\AppData\\Local\\Temp`;
  const machine = new GuestRegistry(guest).values(
    'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment',
  );
  const bag = Bag.of({
    ALLUSERSPROFILE: 'C:\\ProgramData',
    COMPUTERNAME: host,
    ComSpec: 'C:\\Windows\\system32\\cmd.exe',
    NUMBER_OF_PROCESSORS: '2',
    OS: 'Windows_NT',
    Path: 'C:\\Windows\\system32;C:\\Windows;C:\\Windows\\System32\\Wbem;C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\',
    PROCESSOR_ARCHITECTURE: 'AMD64',
    ProgramData: 'C:\\ProgramData',
    ProgramFiles: 'C:\\Program Files',
    'ProgramFiles(x86)': 'C:\\Program Files (x86)',
    ProgramW6432: 'C:\\Program Files',
    PUBLIC: 'C:\\Users\\Public',
    SystemDrive: 'C:',
    SystemRoot: 'C:\\Windows',
    TEMP: temp,
    TMP: temp,
    USERDOMAIN: isSystem ? 'WORKGROUP' : host,
    USERNAME: isSystem ? `${host}$` : user,
    USERPROFILE: profile,
    windir: 'C:\\Windows',
  });
  for (const [name, { data }] of machine ?? []) if (name) bag.set(name, String(data));
  return bag;
}
