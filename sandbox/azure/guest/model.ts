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
  readonly enabled: boolean;
  readonly active: boolean;
}

/** What an image or a VM has inside. Plain JSON; paths are absolute, directories exist where a file lies under them. */
export interface Guest {
  /** The marketplace image it descends from: `publisher:offer:sku:version`, in lower case. */
  readonly base?: string;
  os: { name: string; version: string; kernel: string };
  files: Record<string, GuestFile>;
  packages: Record<string, string>;
  services: Record<string, GuestService>;
  users: Record<string, { uid: number; shell: string; home: string }>;
  registry?: Record<string, string>;
  /** Packages on hold (`apt-mark hold`). */
  held?: string[];
}
