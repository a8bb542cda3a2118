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
/** How many lines about an error are searched for a remedy; later ones are its consequences. */
const mostSuspects = 8;

/** One line that Packer meant for people. */
interface Line {
  readonly text: string;
  /** What the script printed began with a blank: part of something that began above. */
  readonly indented: boolean;
}

interface Step {
  readonly heading: string;
  readonly lines: Line[];
}

/** One thing that a step said, of one line or several, and how much it looks like an error. */
interface Saying {
  readonly text: string;
  readonly weight: 'strong' | 'weak' | 'none';
}

/**
 * Finds the first real error in the log of an Image Builder run: harmless noise, Packer's own debugging and all that
 * Packer says once its clean-up has begun are dropped, and the step that failed is searched before the rest. `steps`
 * are the customizers' names in their order; Packer's log numbers its steps and seldom names them.
 */
export function failureOfLog(log: string, steps: readonly string[] = []): LogFailure {
  const { sections, exit } = read(log);
  const failing = sections.at(-1);
  const said = sayings(failing?.lines ?? []);
  const error = firstError(said) ?? exit ?? strongest(sections);
  const real = (failing?.lines ?? []).map((l) => l.text).filter((l) => !isNoise(l));
  const tail = [...real, ...(exit && !real.includes(exit) ? [exit] : [])].slice(-longestTail).map(shorten);
  const suspects = said.filter((s) => s.weight !== 'none').slice(0, mostSuspects);
  const remedy = remedyFor(error ?? '', [exit ?? '', ...suspects.map((s) => s.text)]);
  const step = failing && nameOf(failing, sections.length - 1, steps);
  return {
    tail,
    ...(error && { error: shorten(innermost(error)) }),
    ...(step && { step }),
    ...(remedy && { remedy }),
  };
}

/**
 * Why a build failed: in the words of Packer's log where Packer failed, otherwise in Image Builder's own. The log of an
 * image that was built and could not be handed on is full of harmless lines, and the reason is none of them.
 */
export function failureOfBuild(
  message: string,
  log: string | undefined,
  steps: readonly string[] = [],
): LogFailure & { readonly error: string } {
  const isBuilt = /Failed in distributing/.test(message) || (log !== undefined && isFinished(log));
  const found: LogFailure = log === undefined || isBuilt ? { tail: [] } : failureOfLog(log, steps);
  const error = found.error ?? innermost(ofImageBuilder(message));
  const remedy = found.remedy ?? remedyFor(error);
  return { ...found, error, ...(remedy && { remedy }) };
}

/** Whether Packer's last word was that all went well; the steps of a validation would come after that. */
function isFinished(log: string): boolean {
  const end = [...log.matchAll(/\bBuild '[^']+' (finished|errored)/g)].at(-1);
  return end?.[1] === 'finished' && !/azure-arm: /.test(log.slice(end.index));
}

/** Without what stands around each of Image Builder's messages. */
function ofImageBuilder(message: string): string {
  return message
    .replace(/^Deployment failed\. Correlation ID: [\w-]+\. /, '')
    .replace(/ ?For more (?:troubleshooting steps|details),? go to https:\S+/, '')
    .trim();
}

/** ARM puts the reason into the details of the details: `… Details=[{"code":"QuotaExceeded","message":"…"}]`. */
function innermost(text: string): string {
  const details = /\bDetails=(\[\{.*\}\])/.exec(text)?.[1];
  const found = details === undefined ? undefined : deepest(details);
  return found === undefined ? text : `${found.code}${forbiddenBy(found)}: ${found.message}`;
}

interface Detail {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly Detail[];
  /** Who forbids it, where Azure Policy does: an assignment with a reason of its own is not named in the message. */
  readonly additionalInfo?: readonly { readonly info?: Violation }[];
}

interface Violation {
  readonly policyAssignmentName?: string;
  readonly policyAssignmentDisplayName?: string;
  readonly policyAssignmentScope?: string;
}

function forbiddenBy({ additionalInfo = [] }: Detail): string {
  const named = additionalInfo.flatMap(({ info = {} }) => {
    const name = info.policyAssignmentDisplayName ?? info.policyAssignmentName;
    return name === undefined
      ? []
      : [`“${name}”${info.policyAssignmentScope ? ` on ${info.policyAssignmentScope}` : ''}`];
  });
  return named.length === 0 ? '' : ` (policy assignment ${named.join(' and ')})`;
}

function deepest(details: string): Detail | undefined {
  try {
    let [detail] = JSON.parse(details) as readonly Detail[];
    while (detail?.details?.[0]) [detail] = detail.details;
    return detail;
  } catch {
    // Cut off, or not JSON after all: the whole line is what there is.
    return undefined;
  }
}

/**
 * The same for what one command printed, without Packer around it: the first line that hardly ever appears when all is
 * well, otherwise the last that is not noise.
 */
export function failureOfOutput(output: string): Omit<LogFailure, 'step'> {
  const lines = output
    .split('\n')
    .flatMap((line) => printedLines(line.replace(/\r$/, '').replace(ansi, '')))
    .filter((l) => l.text !== '');
  const said = sayings(lines);
  const error = (said.find((s) => s.weight === 'strong') ?? said.at(-1))?.text;
  const remedy = error && remedyFor(error);
  return {
    tail: lines.slice(-longestTail).map((l) => shorten(l.text)),
    ...(error && { error: shorten(error) }),
    ...(remedy && { remedy }),
  };
}

/** Before the first of its steps, Packer makes the machine. */
const before = 'creating the machine';

/**
 * A log as people read it, step by step: without the run's id before each line, Packer's talk with its plugins, what it
 * does once its clean-up has begun, and what looks like trouble in every build.
 */
export function linesForPeople(log: string, steps: readonly string[] = []): readonly string[] {
  const { sections, exit } = read(log);
  const told = sections.flatMap((section, i) => {
    const lines = section.lines.filter(({ text }) => !isNoise(text)).map(({ text }) => text);
    const heading = i === 0 ? before : (nameOf(section, i, steps) ?? shortHeading(section.heading));
    return i === 0 && lines.length === 0 ? [] : [`\u25b8 ${heading}`, ...lines.map((line) => `  ${line}`)];
  });
  return exit === undefined ? told : [...told, exit];
}

/** `Provisioning with shell script: /tmp/packer-shell107919 (no-leftover-lists)` by its name, or by its file. */
function shortHeading(heading: string): string {
  const [, script = ''] = /^Provisioning with (?:shell|powershell) script: (.+)$/i.exec(heading) ?? [];
  return /\(([^()]+)\)$/.exec(script)?.[1] ?? (script.split(/[\\/]/).at(-1) || heading);
}

/** How many of Packer's steps have begun; Image Builder runs one for each customizer, then deprovisions. */
export function stepsBegun(log: string): number {
  return read(log).sections.length - 1;
}

function firstError(said: readonly Saying[]): string | undefined {
  return (said.find((s) => s.weight === 'strong') ?? said.find((s) => s.weight === 'weak'))?.text;
}

function strongest(sections: readonly Step[]): string | undefined {
  return sections.flatMap((s) => sayings(s.lines)).find((s) => s.weight === 'strong')?.text;
}

/** Splits the log into Packer's steps; the section before the first step is about creating the machine. */
function read(log: string): { sections: readonly Step[]; exit: string | undefined } {
  const sections: Step[] = [{ heading: '', lines: [] }];
  let cleaning = false;
  let failed = false;
  let previous = '';
  for (const line of log.split('\n').flatMap(forPeople)) {
    const { text } = line;
    if (text === '' || text === previous) continue;
    previous = text;
    const exit = exitOf(text);
    if (exit) return { sections, exit };
    failed ||= /^Provisioning step had errors/.test(text);
    cleaning ||= failed || beginsCleaning(text);
    const here = sections.at(-1) as Step;
    if (!failed && (isHeading(text) || begins(here, text))) {
      if (continues(here, text)) sections.splice(-1);
      sections.push({ heading: text, lines: [] });
      cleaning = false;
    } else if (/^Running Windows update/i.test(text)) {
      // Windows looks again after each restart; what ended the step is of the last round.
      here.lines.splice(0);
    } else if (!cleaning) here.lines.push(line);
  }
  return { sections, exit: undefined };
}

/**
 * `[guid] PACKER OUT     azure-arm: text`, `[guid] PACKER 2025/03/18 20:42:48 ui error: ==> azure-arm: text`, or the
 * bare line of Packer. Nothing for lines that Packer's plugins write to each other.
 */
function forPeople(raw: string): readonly Line[] {
  const line = raw
    .replace(/\r$/, '')
    .replace(/^\[[0-9a-f-]{8,}\]\s?/i, '')
    .replace(ansi, '');
  const packer = /^PACKER(?:\s+(OUT|ERR))?\s?(.*)$/.exec(line);
  let text = packer ? (packer[2] ?? '') : line;
  const stamped = /^\s*\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\s+(.*)$/.exec(text);
  if (stamped) {
    const ui = /^ui(?: error)?:\s?(.*)$/.exec(stamped[1] ?? '');
    if (!ui) return [];
    text = ui[1] ?? '';
  }
  const printed = text.replace(/^\s*(?:==>|-->)?\s*azure-arm(?:\.[\w-]+)?:\s?/, '').replace(/^(?:==>|-->) /, '');
  return printedLines(printed);
}

/** What a script printed as one line, and a person would read as one or several. */
function printedLines(printed: string): readonly Line[] {
  return (serialised(printed) ?? [lastDrawn(printed)]).map((l) => ({ text: l.trim(), indented: /^\s/.test(l) }));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const ansi = /\u001b\[[0-9;]*[A-Za-z]/g;

/** A progress meter draws over itself; what is left to see may stand right behind it: `… --:--:--     0curl: (22) …`. */
function lastDrawn(text: string): string {
  const drawn = text.split('\r').findLast((part) => part.trim() !== '') ?? '';
  return /[\d%#-](curl: \(\d+\) .*)$/.exec(drawn)?.[1] ?? drawn;
}

/** What PowerShell wrote to its error stream as XML when nobody asked for text; its progress says nothing. */
function serialised(text: string): readonly string[] | undefined {
  if (!/^#< CLIXML|^<Objs /.test(text)) return undefined;
  const errors = [...text.matchAll(/<S S="Error">([^<]*)<\/S>/g)].map(([, inner = '']) => inner).join('');
  const plain = errors.replaceAll('_x000D_', '').replaceAll('_x000A_', '\n');
  return plain.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? '').split('\n');
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function isHeading(text: string): boolean {
  return /^(?:Provisioning with|Uploading .+ => |Restarting Machine|Uploading the Windows update elevated script|Customizer\b)/i.test(
    text,
  );
}

/** PowerShell is announced twice: as such, and by its script. */
function continues({ heading, lines }: Step, text: string): boolean {
  return (
    lines.length === 0 &&
    /^Provisioning with powershell\.{3}$/i.test(heading) &&
    /^Provisioning with powershell script/i.test(text)
  );
}

/** The rounds of a step that updates Windows are no steps. */
function begins({ heading }: Step, text: string): boolean {
  return /^Running Windows update/i.test(text) && !/Windows update/i.test(heading);
}

/** The line with which Packer gives up. */
function exitOf(text: string): string | undefined {
  const quoted = /^Build '[^']+' errored(?: after [^:]+)?: (.*)$/.exec(text)?.[1];
  if (quoted) return quoted;
  return /^(?:(?:Windows update )?Script (?:exited with|disconnected)|Error: Script exited with|Timeout waiting for|.*context deadline exceeded)/i.test(
    text,
  )
    ? text
    : undefined;
}

/** From here on Packer takes its machine away; what goes wrong with that is not why the build failed. */
function beginsCleaning(text: string): boolean {
  return /^(?:Provisioning step had errors|The resource group was not created by Packer|Cleanup requested|Cancelling build|Deleting (?:individual resources|Virtual Machine deployment|the temporary)|Removing the created Deployment|Resource group has been deleted|Some builds didn't complete|Builds finished but no artifacts)/.test(
    text,
  );
}

/** The lines of a step as what was said: a traceback, a record of PowerShell and a line with its reason are one each. */
function sayings(lines: readonly Line[]): readonly Saying[] {
  const said: Saying[] = [];
  for (let i = 0; i < lines.length; i += 1) {
    const { text } = lines[i] as Line;
    if (/^Traceback \(most recent call last\):/.test(text)) {
      i = endOfTraceback(lines, i);
      said.push({ text: (lines[i] as Line).text, weight: 'strong' });
    } else if (/^At .+:\d+ char:\d+$/.test(text)) {
      said.push({ text: takeMessage(said), weight: 'strong' });
    } else if (!isNoise(text)) {
      said.push({ text: withReason(text, lines[i + 1]?.text), weight: weightOf(text) });
    }
  }
  return said;
}

/** Python says last what went wrong, after all tracebacks that led to it; what is in between is indented. */
function endOfTraceback(lines: readonly Line[], start: number): number {
  let end = start;
  let inside = true;
  for (let i = start + 1; i < lines.length; i += 1) {
    const { text, indented } = lines[i] as Line;
    if (/^Traceback /.test(text)) inside = true;
    else if (inside && !indented) {
      end = i;
      inside = false;
    } else if (!inside && !/^(?:During handling of the above|The above exception was)/.test(text)) break;
  }
  return end;
}

/** PowerShell says what and then where; the message may have been broken into several lines. */
function takeMessage(said: Saying[]): string {
  const from = said.findLastIndex((s, i) => i >= said.length - 4 && /^(?:&|[\w.:\\-]+) : /.test(s.text));
  return said
    .splice(from < 0 ? Math.max(0, said.length - 1) : from)
    .map((s) => s.text)
    .join(' ');
}

/** apt and dpkg print what they stumbled over on one line and why on the next. */
function withReason(text: string, next: string | undefined): string {
  if (!next || !(/^Err:\d+ /.test(text) || /^dpkg: error .*:$/.test(text))) return text;
  return text.endsWith(':') ? `${text} ${next}` : `${text}: ${next}`;
}

/** Lines that look like errors in almost every build but are not. */
const harmless: readonly RegExp[] = [
  // A database that is locked is no matter of how debconf would like to ask.
  /^debconf: (?!.*locked)/,
  /^dpkg-preconfigure: unable to re-open stdin/,
  /apt does not have a stable CLI interface/,
  /^(?:invoke-rc\.d|update-rc\.d|update-alternatives): (?:warning|could not determine|policy-rc\.d)/i,
  // What calls itself a warning: `dpkg: warning: …`, `WARNING! …`, `W: …`, `/usr/bin/pip3: WARNING: …`.
  /^(?:[\w./+-]+(?:\[\d+\])?: )?\[?warn(?:ing)?\]?[:!]/i,
  /^(?:W|N|I): /,
  // A machine without the locale of whoever connects; perl lists its settings over several lines.
  /\blocale: Cannot set|\bwarning: setlocale|cannot change locale|(?:set|setting) (?:the )?locale\b|^(?:LANGUAGE|LANG|LC_\w+) = |^are supported and installed on your system|falling back to the standard locale/i,
  /^mesg: |stdin: is not a tty|^tput: |^stty: /,
  /^(?:Get|Hit|Ign):\d+ |^(?:Setting up|Unpacking|Selecting previously|Preparing to unpack|Processing triggers|Reading |\(Reading database|Building dependency|Fetched |Created symlink|Adding |Removing )/,
  /^The following (?:NEW|additional|packages)|^\d+ upgraded, |newly installed/,
  /^Failed to (?:retrieve available kernel versions|check for processor microcode upgrades)/,
  /^No (?:services|containers|user sessions|VM guests) /,
  /^npm (?:WARN|notice)|^DEPRECATION:/i,
  /^ERROR: pip's dependency resolver does not currently take into account/,
  /^Unable to read consumer identity|^This system is not registered with an entitlement server/,
  // Progress meters of curl, wget, pip and apt.
  /^%\s+Total\s+%\s+Received|^Dload\s+Upload|^\d{1,3}\s+[\d.]+[kMGT]?\s.*(?:--:--:--|\d:\d\d:\d\d)\s+[\d.]+[kMGT]?$|^#[#=O -]*\d{1,3}\.\d%$|^\d+K [. ]{10,}|━{3,}|^Progress: \[/,
  /^\+{1,3} /,
  /^(?:lib[\w.+-]*error[\w.+-]*\s*)+$/i,
  /^Failed to (?:set|connect to).*(?:dbus|D-Bus|bus: )|^Running in chroot, ignoring/i,
  /^(?:VERBOSE|DEBUG|PROGRESS): /,
];

function isNoise(text: string): boolean {
  return harmless.some((pattern) => pattern.test(text));
}

/** Words that sound like an error in a line about something else. */
const harmlessWords =
  /\b(?:0|no) (?:errors?|failures?|failed)\b|\b(?:errors?|failed|failures|unreachable)[:=] ?0\b|-ErrorAction\b|\berror(?:s|handler)?\.(?:log|html|conf)\b|\blib[\w.+-]*error[\w.+-]*/gi;

function weightOf(text: string): Saying['weight'] {
  const plain = text.replace(harmlessWords, '');
  if (isStrong(plain)) return 'strong';
  return isWeak(plain) ? 'weak' : 'none';
}

/** Lines that hardly ever appear in a step that went well. */
function isStrong(text: string): boolean {
  return (
    /^(?:E|Err|Error|ERROR|FATAL|fatal|FAILED|Fatal error)\b\s*:?/.test(text) ||
    /\b(?:error|fatal|panic)(?:\[[^\]]*\])?:\s|\bERROR \d{3}:|^npm (?:ERR!|error )/i.test(text) ||
    /command not found|: not found$|is not recognized as|No such file or directory|Permission denied|No space left/i.test(
      text,
    ) ||
    /^curl: \(\d+\)|^wget: |^rm: cannot|^cp: cannot|^mv: cannot|^dpkg: error|Temporary failure|Could not resolve/.test(
      text,
    ) ||
    /: Illegal option -|\bsyntax error\b|: bad substitution|: unexpected operator$|: bad variable name/i.test(text) ||
    // `Copy-Item : There is not enough space on the disk.`
    /^[A-Z][a-z]+-[A-Z]\w+ : /.test(text) ||
    /\bHRESULT: 0x8|\(0x8[0-9A-F]{7}\)|0x800f[0-9a-f]{4}\b/i.test(text) ||
    /\b\w+(?:Exception|Error): |FullyQualifiedErrorId|^Killed$|Segmentation fault|bad interpreter/.test(text) ||
    /Connection (?:refused|timed out|reset)|Could not get lock|locked by another process|NO_PUBKEY|EXPKEYSIG|unmet dependencies/.test(
      text,
    )
  );
}

function isWeak(text: string): boolean {
  return /\b(?:fail(?:ed|ure)?|cannot|could not|unable to|denied|timed out|not found|not (?:yet )?registered|invalid|missing|abort(?:ed|ing)?|IMAGE_STATE_UNDEPLOYABLE)\b/i.test(
    text,
  );
}

/** By the name in the heading or in what the step printed first, otherwise by its position in the recipe. */
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
