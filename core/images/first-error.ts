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

/** apt prints the address on one line and what is wrong with it on the next. */
function withReason(lines: readonly string[], error: string | undefined): string | undefined {
  if (!error || !/^Err:\d+ /.test(error)) return error;
  const reason = lines[lines.indexOf(error) + 1];
  return reason ? `${error}: ${reason}` : error;
}

/** Splits the log into Packer's steps; the section before the first step is about creating the machine. */
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
    // What follows is Packer's clean-up and summary.
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
 * `[guid] PACKER OUT     azure-arm: text`, `[guid] PACKER 2025/03/18 20:42:48 ui error: ==> azure-arm: text`, or the
 * bare line of Packer. Undefined for lines that Packer's plugins write to each other.
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

/** Lines that look like errors in almost every build but are not. */
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

/** What has helped before. The first match wins, so special cases precede general ones. */
const remedies: readonly (readonly [when: RegExp, remedy: string])[] = [
  [
    /Could not get lock|dpkg frontend lock|lock-frontend|is another process using it/i,
    'Another package manager was still running. Begin the step with `sudo cloud-init status --wait` and pass `-o DPkg::Lock::Timeout=300` to apt-get.',
  ],
  [
    /No space left on device|not enough (?:free )?(?:disk )?space/i,
    "The build machine's disk is full. Clean up in the step (`sudo apt-get clean`, temporary files) or give the build a larger OS disk.",
  ],
  [
    /EXPKEYSIG|KEYEXPIRED|NO_PUBKEY|signatures? couldn't be verified|is not signed/i,
    "The repository's signing key has expired or is missing. Fetch its current key into `/etc/apt/keyrings` before `apt-get update`.",
  ],
  [
    /(?:Failed to fetch|Err:\d+).*404|404\s+Not Found.*(?:ubuntu|debian|\.deb)|Some index files failed to download|Could not open file \/var\/lib\/apt\/lists/i,
    'The package lists are not those of the mirror. Run `sudo cloud-init status --wait` and `sudo apt-get update` in the same step before installing.',
  ],
  [
    /Unable to locate package|has no installation candidate|No package \S+ available|Unable to find a match/i,
    'No repository of this system has the package. Check its name, or add its repository and run `apt-get update` before installing.',
  ],
  [
    /unmet dependencies|held broken packages|dpkg was interrupted/i,
    'Packages conflict with each other. Pin their versions in the recipe, or run `sudo dpkg --configure -a` and `sudo apt-get -f install` first.',
  ],
  [
    /Temporary failure (?:in name resolution|resolving)|Could not resolve|could not be resolved|Name or service not known/i,
    'The build machine cannot resolve names. Check the DNS and the network rules of the build subnet.',
  ],
  [
    /certificate (?:verify failed|has expired|problem)|unable to get local issuer certificate|SSL certificate/i,
    "The server's certificate was not accepted. Install the company's root certificate in an earlier step, or renew the server's.",
  ],
  [
    /bad interpreter|\^M|\\r': command not found/i,
    'The script has Windows line endings. Save it with LF, or run `sed -i "s/\\r$//"` on it first.',
  ],
  [
    /RequestDisallowedByPolicy|disallowed by policy|policy violation/i,
    'An Azure Policy forbids what the build needs. Ask the owner of the policy to exempt the staging group of Image Builder.',
  ],
  [
    /quota|OperationNotAllowed|SkuNotAvailable|AllocationFailed/i,
    'The subscription has no room for the build machine. Ask for more quota, or choose another VM size in the catalogue.',
  ],
  [
    /context deadline exceeded|Timeout waiting for (?:SSH|WinRM)|build.*tim(?:ed out|eout)|buildTimeoutInMinutes/i,
    'The build ran out of time. Look for the step that waits, or raise the time-out of the build in the catalogue.',
  ],
  [
    /does not have (?:authorization|permission) to perform action|LinkedAuthorizationFailed/i,
    'An identity lacks a role in Azure. Give it the action that the message names, at the scope that it names; then rebuild.',
  ],
  [
    /403\s+Forbidden|AuthorizationPermissionMismatch|AuthenticationFailed|AuthorizationFailed|401 Unauthorized/i,
    'The download was refused. Give the build identity Storage Blob Data Reader where the file is, or sign in to the repository.',
  ],
  [
    /Connection (?:refused|timed out|reset)|Failed to connect|Network is unreachable|Operation timed out/i,
    'A server could not be reached. Check the address, and the firewall or proxy of the build subnet; then rebuild.',
  ],
  [
    /404\s+Not Found|returned error: 404/i,
    'The file that the step downloads no longer exists. Correct its address in the recipe.',
  ],
  [
    /exit status: 137|^Killed$|Out of memory|Cannot allocate memory/im,
    'The build machine ran out of memory. Choose a larger VM size for the build in the catalogue.',
  ],
  [
    /command not found|: not found$|exit status: 127|is not recognized as/im,
    'The command is not on this system. Install it in an earlier step, or give its full path.',
  ],
  [
    /Permission denied|are you root|exit status: 126|Operation not permitted|Access is denied/i,
    'The step lacks permission. Image Builder runs scripts as a plain user: use `sudo`, and make scripts executable.',
  ],
  [
    /No such file or directory|Cannot find path/i,
    'A file is missing. Check the path, and that an earlier step creates it.',
  ],
  [
    /syntax error|unexpected token|unexpected end of file/i,
    'The script has a mistake. Run `bash -n` on it, correct it in the recipe and rebuild.',
  ],
];

/** The known remedy for what these lines say; undefined when there is none. */
export function remedyFor(lines: readonly string[]): string | undefined {
  return remedies.find(([when]) => lines.some((line) => when.test(line)))?.[1];
}
