import { remedyFor } from './remedies';

/** What a customization log says about why a build failed. */
export interface LogFailure {
  /** Name of the failing customizer, as in the recipe. */
  readonly step?: string;
  /** The first real error, one line; absent when nothing in the log looks like one. */
  readonly error?: string;
  /** The end of the failing step, at most twelve lines, without noise. */
  readonly tail: readonly string[];
  readonly remedy?: string;
}

const longestTail = 12;
const longestLine = 300;
/** So many lines about an error are looked at for a remedy; later ones are its consequences. */
const mostSuspects = 8;

/** One line that Packer meant for people. */
interface Line {
  readonly text: string;
}

interface Step {
  readonly heading: string;
  readonly lines: Line[];
}

/**
 * Finds the first real error in the log of an Image Builder run: harmless noise and Packer's own debugging are dropped,
 * and the step that failed is searched before the rest. `steps` are the customizers' names in their order; Packer's log
 * numbers its steps and seldom names them.
 */
export function failureOfLog(log: string, steps: readonly string[] = []): LogFailure {
  const { sections, exit } = read(log);
  const failing = sections.at(-1);
  const real = failing?.lines.map((l) => l.text).filter((l) => !isNoise(l)) ?? [];
  const everything = sections.flatMap((s) => s.lines.map((l) => l.text)).filter((l) => !isNoise(l));
  const error = withReason(real, real.find(isStrong) ?? real.find(isWeak)) ?? exit ?? everything.find(isStrong);
  const tail = [...real, ...(exit && !real.includes(exit) ? [exit] : [])].slice(-longestTail).map(shorten);
  const suspects = real.filter((l) => isStrong(l) || isWeak(l)).slice(0, mostSuspects);
  const remedy = remedyFor([error ?? '', exit ?? '', ...suspects]);
  const step = failing && nameOf(failing, sections.length - 1, steps);
  return {
    tail,
    ...(error && { error: shorten(error) }),
    ...(step && { step }),
    ...(remedy && { remedy }),
  };
}

/** How many of Packer's steps have begun; Image Builder runs one for each customizer, then deprovisions. */
export function stepsBegun(log: string): number {
  return read(log).sections.length - 1;
}

/** apt names the address on one line and what is wrong with it on the next. */
function withReason(lines: readonly string[], error: string | undefined): string | undefined {
  if (!error || !/^Err:\d+ /.test(error)) return error;
  const reason = lines[lines.indexOf(error) + 1];
  return reason ? `${error}: ${reason}` : error;
}

/** Splits the log into Packer's steps; the section before the first step is what the machine's creation says. */
function read(log: string): { sections: readonly Step[]; exit: string | undefined } {
  const sections: Step[] = [{ heading: '', lines: [] }];
  let exit: string | undefined;
  let previous = '';
  for (const raw of log.split(/\r?\n/)) {
    const text = forPeople(raw);
    if (text === undefined || text === '' || text === previous) continue;
    previous = text;
    const said = exitOf(text);
    if (said) exit ??= said;
    // What follows is Packer cleaning up, and its own summary.
    if (said || /^Provisioning step had errors/.test(text)) {
      if (exit) break;
      continue;
    }
    if (isHeading(text)) sections.push({ heading: text, lines: [] });
    else if (!isCleaning(text)) sections.at(-1)?.lines.push({ text });
  }
  return { sections, exit };
}

/**
 * `[guid] PACKER OUT     azure-arm: text`, `[guid] PACKER 2025/03/18 20:42:48 ui error: ==> azure-arm: text`, or the bare
 * line of Packer. Undefined for what Packer's plugins tell each other.
 */
function forPeople(raw: string): string | undefined {
  const line = raw.replace(/^\[[0-9a-f-]{8,}\]\s?/i, '').replace(ansi, '');
  const packer = /^PACKER(?:\s+(OUT|ERR))?\s?(.*)$/.exec(line);
  let text = packer ? (packer[2] ?? '') : line;
  const stamped = /^\s*\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\s+(.*)$/.exec(text);
  if (stamped) {
    const ui = /^ui(?: error)?:\s?(.*)$/.exec(stamped[1] ?? '');
    if (!ui) return undefined;
    text = ui[1] ?? '';
  }
  return text.replace(/^\s*(?:==>|-->)?\s*azure-arm(?:\.[\w-]+)?:\s?/, '').trim();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const ansi = /\u001b\[[0-9;]*[A-Za-z]/g;

function isHeading(text: string): boolean {
  return /^(?:Provisioning with|Uploading .+ => |Restarting Machine|Running Windows update|Customizer\b)/i.test(text);
}

/** The line with which Packer gives up. */
function exitOf(text: string): string | undefined {
  const quoted = /^Build '[^']+' errored after [^:]+: (.*)$/.exec(text)?.[1];
  if (quoted) return quoted;
  return /^(?:Script (?:exited with|disconnected)|Error: Script exited with|Timeout waiting for|.*context deadline exceeded)/i.test(
    text,
  )
    ? text
    : undefined;
}

function isCleaning(text: string): boolean {
  return /^(?:Provisioning step had errors|The resource group was not created by Packer|Cleanup requested|Deleting |Removing the created Deployment|Resource group has been deleted|Some builds didn't complete|Builds finished but no artifacts)/.test(
    text,
  );
}

/** What looks like an error in almost every build and is none. */
const harmless: readonly RegExp[] = [
  /^debconf: /,
  /^dpkg-preconfigure: unable to re-open stdin/,
  /apt does not have a stable CLI interface/,
  /^(?:invoke-rc\.d|update-rc\.d|update-alternatives): (?:warning|could not determine|policy-rc\.d)/i,
  /^perl: warning|^locale: Cannot set|^bash: warning: setlocale|falling back to the standard locale/,
  /^(?:W|N|I): /,
  /^mesg: |stdin: is not a tty|^tput: |^stty: /,
  /^(?:Get|Hit|Ign):\d+ |^(?:Setting up|Unpacking|Selecting previously|Preparing to unpack|Processing triggers|Reading |Building dependency|Fetched |Created symlink|Adding |Removing )/,
  /^The following (?:NEW|additional|packages)|^\d+ upgraded, |newly installed/,
  /^Failed to (?:retrieve available kernel versions|check for processor microcode upgrades)/,
  /^No (?:services|containers|user sessions|VM guests) /,
  /^npm (?:WARN|notice)|^WARNING: Running pip|^DEPRECATION:/i,
  /^\s*%\s+Total\s+%\s+Received|^\s*\d+\s+[\d.]+[kMG]?\s+\d+\s/,
  /^\+{1,3} /,
  /\b(?:0|no) (?:errors?|failures?|failed)\b|errors?: 0\b|-ErrorAction|\berror(?:s|handler)?\.(?:log|html|conf)\b/i,
  /^(?:lib[\w.+-]*error[\w.+-]*\s*)+$/i,
  /^Failed to (?:set|connect to).*(?:dbus|D-Bus|bus: )/i,
  /^VERBOSE: |^DEBUG: /,
];

function isNoise(text: string): boolean {
  return harmless.some((pattern) => pattern.test(text));
}

/** Lines that hardly ever appear in a step that went well. */
function isStrong(text: string): boolean {
  return (
    /^(?:E|Err|Error|ERROR|FATAL|fatal|FAILED|Fatal error)\b\s*:?/.test(text) ||
    /\b(?:error|fatal|panic)(?:\[[^\]]*\])?:\s/i.test(text) ||
    /command not found|: not found$|is not recognized as|No such file or directory|Permission denied|No space left/i.test(
      text,
    ) ||
    /^curl: \(\d+\)|^wget: |^rm: cannot|^cp: cannot|^mv: cannot|^dpkg: error|Temporary failure|Could not resolve/.test(
      text,
    ) ||
    /\b\w+(?:Exception|Error): |^Traceback|FullyQualifiedErrorId|^Killed$|Segmentation fault|bad interpreter/.test(
      text,
    ) ||
    /Connection (?:refused|timed out|reset)|Could not get lock|NO_PUBKEY|EXPKEYSIG|unmet dependencies/.test(text)
  );
}

function isWeak(text: string): boolean {
  return /\b(?:fail(?:ed|ure)?|cannot|could not|unable to|denied|timed out|not found|invalid|missing|abort(?:ed|ing)?)\b/i.test(
    text,
  );
}

/** By the name in the heading or in what the step printed first; else by its place in the recipe. */
function nameOf({ heading, lines }: Step, index: number, steps: readonly string[]): string | undefined {
  if (heading === '') return undefined;
  const opening = [heading, ...lines.slice(0, 2).map((l) => l.text)].join('\n');
  const named = steps.filter((name) => opening.includes(name)).sort((a, b) => b.length - a.length);
  return named[0] ?? /customizer[:\s]+["'`]?([\w.-]+)/i.exec(heading)?.[1] ?? steps[index - 1];
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line;
}
