export interface ImageConfig {
  readonly os: string;
  readonly customize: readonly Record<string, unknown>[];
  readonly validate: readonly Record<string, unknown>[];
  readonly tests: readonly { name: string; run: string; expect?: string; timeoutSeconds: number }[];
}
