/** What a version of an image has inside, as its test machine told, and what of that is not known. */

/** Sorted, each once. A part that is absent could not be read, or does not exist on this operating system. */
export interface Contents {
  readonly os: { readonly id: string; readonly name: string; readonly version: string; readonly kernel?: string };
  /** By name, then version. */
  readonly packages?: readonly Package[];
  /** Windows: KB numbers. */
  readonly updates?: readonly string[];
  /** Windows: names of the server manager. */
  readonly features?: readonly string[];
  /** Those that start by themselves. */
  readonly services?: readonly string[];
  /** `tcp/22 sshd`; `tcp/53 systemd-resolve (local)` for one that only the machine itself reaches. */
  readonly ports?: readonly string[];
  /** `root (0, /bin/bash)`; on Windows `Administrator (disabled)`. */
  readonly users?: readonly string[];
  /** Security settings of the kernel: `kernel.sysrq = 176`. */
  readonly parameters?: readonly string[];
}

export type ListName = Exclude<keyof Contents, 'os' | 'packages'>;

/** What can be compared by name; packages have versions besides. */
export const listNames = ['updates', 'features', 'services', 'ports', 'users', 'parameters'] as const;

export interface Package {
  readonly type: 'deb' | 'rpm' | 'windows';
  readonly name: string;
  /** As the system's own tool writes it; of rpm with the epoch: `0:3.0.7-27.el9`. Empty: the program tells none. */
  readonly version: string;
  readonly architecture: string;
  /** The source that it was built from, by which Debian and Ubuntu count vulnerabilities; absent: of the same name and version. */
  readonly source?: { readonly name: string; readonly version: string };
}

/** Why there is no list of a version. */
export interface ContentsGap {
  readonly reason:
    | 'cut'
    | 'altered'
    | 'not UTF-8'
    | 'no packages'
    | 'too long'
    | 'unreadable'
    | 'failed'
    | 'silent'
    | 'machine gone'
    | 'never read';
  /** What Azure or the machine said, one line. */
  readonly said?: string;
}

const reasons: Readonly<Record<ContentsGap['reason'], string>> = {
  cut: 'the list came cut off',
  altered: 'the list does not have the hash that the test machine told',
  'not UTF-8': 'the list is not UTF-8',
  'no packages': 'the test machine has neither dpkg nor rpm',
  'too long': 'the list is longer than goldbot reads',
  unreadable: 'the answer of the test machine is not a list',
  failed: 'the command that reads it failed',
  silent: 'the test machine did not answer',
  'machine gone': 'the test machine was gone before the list was read',
  'never read': 'it was built before goldbot read packages, or not by goldbot',
};

/** `not known, because the list came cut off`. */
export function contentsGapWords(gap: ContentsGap): string {
  return `not known, because ${contentsGapReason(gap)}`;
}

/** After “because”: `the list came cut off`. */
export function contentsGapReason({ reason, said }: ContentsGap): string {
  return `${reasons[reason]}${said === undefined ? '' : ` (${said})`}`;
}

/** The administrator of every test machine, who is part of no image. Windows would refuse `administrator` and its like. */
export const testAdministrator = 'goldbot';
