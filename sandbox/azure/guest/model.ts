/** What an image or a VM has inside. */

export interface GuestFile {
  readonly content: string;
  /** Four octal digits: `0644`. */
  readonly mode: string;
  /** `user:group`. */
  readonly owner: string;
  readonly kind?: 'directory' | 'link';
}

export interface GuestService {
  /** Starts with the system. */
  readonly enabled: boolean;
  readonly active: boolean;
  /** Windows: one that is not enabled can be started all the same; otherwise it is disabled. */
  readonly manual?: boolean;
  readonly displayName?: string;
}

export interface GuestUser {
  readonly uid: number;
  readonly shell: string;
  readonly home: string;
  /** Windows: unless false, it can sign in. */
  readonly enabled?: boolean;
  readonly groups?: readonly string[];
}

/** Numbers are whole and not negative; a `Binary` is its bytes. */
export interface RegistryValue {
  readonly kind: 'String' | 'ExpandString' | 'DWord' | 'QWord' | 'MultiString' | 'Binary';
  readonly data: string | number | readonly string[] | readonly number[];
}

/** The values of a key by name; the default value has none. */
export type RegistryKey = Readonly<Record<string, RegistryValue>>;

export interface GuestUpdate {
  readonly title: string;
  /** A tool is renewed each month and is none of the hotfixes that Windows counts. */
  readonly kind: 'Update' | 'Security Update' | 'Tool';
  /** `2026-11-10` */
  readonly installedOn: string;
}

/** What becomes true with the next restart. */
export interface PendingRestart {
  readonly features?: Readonly<Record<string, boolean>>;
  /** The build with its revision: `10.0.20348.4500`. */
  readonly kernel?: string;
  readonly hostname?: string;
}

/** What an image or a VM has inside. Plain JSON; paths are absolute, directories exist where a file lies under them. */
export interface Guest {
  /** The marketplace image it descends from: `publisher:offer:sku:version`, in lower case. */
  readonly base?: string;
  os: { name: string; version: string; kernel: string };
  files: Record<string, GuestFile>;
  packages: Record<string, string>;
  services: Record<string, GuestService>;
  users: Record<string, GuestUser>;
  /** Windows alone: keys by path (`HKLM\\SOFTWARE\\goldbot\\tattoo`). That a guest has one makes it a Windows. */
  registry?: Record<string, RegistryKey>;
  /** Windows: whether a feature is installed, by its name of the server manager. */
  features?: Record<string, boolean>;
  /** Windows: by KB number. */
  updates?: Record<string, GuestUpdate>;
  hostname?: string;
  pending?: PendingRestart;
  /** Packages on hold (`apt-mark hold`). */
  held?: string[];
}
