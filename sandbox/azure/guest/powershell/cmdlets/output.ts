import { type Call, cmdlets } from '../call';
import { display, list, table } from '../display';
import { NotModelled } from '../syntax';
import { Block, itemsOf, PsObject, Table, toText, type Value } from '../values';
import { chosen } from './objects';

function writeError(call: Call): void {
  const given = call.value('Message') ?? call.value('Exception') ?? call.value('ErrorRecord') ?? call.input[0] ?? null;
  const message =
    given instanceof PsObject && given.bag.has('Message') ? toText(given.bag.get('Message')) : toText(given);
  const { runtime } = call;
  const problem = {
    message,
    category: call.text('Category', 'NotSpecified'),
    exception: 'Microsoft.PowerShell.Commands.WriteErrorException',
    id: `${call.text('ErrorId', 'Microsoft.PowerShell.Commands.WriteErrorException')},${runtime.place.file.split(/[\\/]/).at(-1)}`,
    activity: 'Write-Error',
    prefix: runtime.place.file,
  };
  runtime.report(problem, undefined, call.text('ErrorAction', runtime.errorAction));
}

/** Warnings and their like: on the screen, if their preference says so. */
const told = (label: string, preference: string, flag?: string) => (call: Call) => {
  const wanted = toText(call.runtime.lookup(preference) as Value);
  if (/silentlycontinue|ignore/i.test(wanted) && !(flag && call.flag(flag))) return;
  for (const value of call.inputOr('Message')) call.runtime.write('out', `${label}${toText(value)}\n`);
};

function asText(values: readonly Value[], call: Call): string {
  const rows = values.filter((v): v is PsObject => v instanceof PsObject);
  if (rows.length === 0) return display(values);
  const names = call.has('Property') ? call.texts('Property') : (rows[0]?.shown ?? rows[0]?.bag.names ?? []);
  const shown = call.has('Property') ? rows.map((row) => chosen(row, itemsOf(call.value('Property')), call)) : rows;
  const columns = call.has('Property') ? (shown[0]?.bag.names ?? names) : names;
  return call.cmdlet.name === 'Format-List' ? list(shown, columns) : table(shown, columns);
}

const quiet = (): void => undefined;

export const output = cmdlets({
  'Write-Output': [
    'InputObject... -NoEnumerate',
    (call) => {
      for (const value of call.inputOr('InputObject').flat() as Value[]) call.emit(value);
    },
  ],
  'Write-Host': [
    'Object|Message... ForegroundColor= BackgroundColor= Separator= -NoNewline',
    (call) => {
      const text = call
        .inputOr('Object')
        .flat()
        .map((v) => toText(v as Value))
        .join(call.text('Separator', ' '));
      call.runtime.write('out', call.flag('NoNewline') ? text : `${text}\n`);
    },
  ],
  'Write-Information': ['MessageData|Message Tags=', told('', 'InformationPreference')],
  'Write-Warning': ['Message', told('WARNING: ', 'WarningPreference')],
  'Write-Verbose': ['Message', told('VERBOSE: ', 'VerbosePreference', 'Verbose')],
  'Write-Debug': ['Message', told('DEBUG: ', 'DebugPreference', 'Debug')],
  'Write-Progress': ['Activity Status Id PercentComplete= CurrentOperation= SecondsRemaining= -Completed', quiet],
  'Write-Error': ['Message|Msg Exception= ErrorRecord= Category= ErrorId= TargetObject=', writeError],
  'Out-Null': ['InputObject', quiet],
  'Out-Host': ['InputObject= -Paging', (call) => call.runtime.write('out', display(call.input))],
  'Out-Default': ['InputObject=', (call) => call.runtime.write('out', display(call.input))],
  'Out-String': [
    'InputObject= Width= -Stream',
    (call) => {
      const text = display(call.inputOr('InputObject'));
      if (!call.flag('Stream')) return call.emit(text.replaceAll('\n', '\r\n'));
      for (const line of text.replace(/\n$/, '').split('\n')) call.emit(line);
    },
  ],
  'Format-Table': [
    'Property InputObject= -AutoSize -Wrap -HideTableHeaders',
    (call) => call.emit(asText(call.inputOr('InputObject'), call).replace(/\n$/, '')),
  ],
  'Format-List': [
    'Property InputObject= -Force',
    (call) => call.emit(asText(call.inputOr('InputObject'), call).replace(/\n$/, '')),
  ],
  'ConvertTo-Json': [
    'InputObject Depth= -Compress -AsArray -EnumsAsStrings',
    (call) => {
      const values = call.has('InputObject') ? [call.value('InputObject') ?? null] : call.input;
      const value = plain(values.length === 1 ? (values[0] ?? null) : [...values]);
      call.emit(call.flag('Compress') ? JSON.stringify(value) : indented(value));
    },
  ],
  'ConvertFrom-Json': [
    'InputObject',
    (call) => {
      const text = call.inputOr('InputObject').map(toText).join('\n');
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        throw call.stop({
          message: `Invalid JSON primitive: ${text.slice(0, 40)}.`,
          category: 'NotSpecified',
          exception: 'System.ArgumentException',
          id: 'System.ArgumentException,Microsoft.PowerShell.Commands.ConvertFromJsonCommand',
        });
      }
      const value = fromPlain(parsed);
      for (const item of Array.isArray(value) ? value : [value]) call.emit(item);
    },
  ],
});

function plain(value: Value): unknown {
  if (value instanceof Table || value instanceof PsObject) {
    if (value instanceof PsObject && value.text !== undefined && value.bag.size === 0) return value.text;
    return Object.fromEntries(value.bag.entries.map(([name, v]) => [name, plain(v)]));
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date) return `/Date(${value.getTime()})/`;
  if (value instanceof Block) throw new NotModelled('ConvertTo-Json of a script block');
  return value === null || ['string', 'number', 'boolean'].includes(typeof value) ? value : toText(value);
}

/** Windows PowerShell's own way to indent: four blanks, and two after the colon. */
function indented(value: unknown): string {
  return JSON.stringify(value, null, 4).replace(/^(\s*"(?:[^"\\]|\\.)*"):/gm, '$1: ');
}

function fromPlain(value: unknown): Value {
  if (Array.isArray(value)) return value.map(fromPlain);
  if (value === null || typeof value !== 'object') return (value ?? null) as Value;
  return PsObject.of(
    'System.Management.Automation.PSCustomObject',
    Object.fromEntries(Object.entries(value).map(([name, v]) => [name, fromPlain(v)])),
  );
}
