import * as fc from 'fast-check';

/** What happens to an image in a while, and who else is there meanwhile. Small numbers stand for what is there then. */

export const regions = ['West Europe', 'North Europe', 'East US'] as const;

/** Somebody in the portal, or a pipeline: not goldbot. */
export type Hand =
  | {
      readonly by: 'hand';
      readonly does: 'publish';
      readonly regions: readonly string[];
      /** Otherwise it is left for a promotion. */
      readonly isShown: boolean;
      readonly isWaitedFor: boolean;
    }
  | {
      readonly by: 'hand';
      readonly does: 'flag';
      readonly version: number;
      readonly excluded: boolean;
      readonly own: readonly (boolean | null)[];
    }
  | { readonly by: 'hand'; readonly does: 'pin'; readonly set: number; readonly version: number }
  | { readonly by: 'hand'; readonly does: 'follow' | 'go'; readonly set: number }
  | {
      readonly by: 'hand';
      readonly does: 'come';
      readonly region: number;
      readonly flexible: boolean;
      /** It follows the definition when absent. */
      readonly version?: number | undefined;
    }
  | { readonly by: 'hand'; readonly does: 'machine'; readonly version: number }
  | { readonly by: 'hand'; readonly does: 'delete'; readonly version: number }
  | { readonly by: 'hand'; readonly does: 'wait'; readonly hours: number };

/** `forward`: back to a version, as a copy under a number above all others. */
export const verbs = ['revoke', 'retire', 'restore', 'promote', 'rollback', 'rollout', 'replicate', 'forward'] as const;
export type Verb = (typeof verbs)[number];

/** A change that goldbot is asked for. */
export interface Change {
  readonly by: 'goldbot';
  readonly verb: Verb;
  readonly version: number;
  /** Of a promotion; of `replicate`, whence copies are given up. */
  readonly regions?: readonly string[] | undefined;
  readonly answer: 'approve' | 'refuse' | 'unasked';
  /** Whoever asks breaks the glass: what would break by then is shown to those who decide, and may break. */
  readonly glass: boolean;
  /** Before it is decided, after that and before the first write, and after it. */
  readonly planned: readonly (Hand | Change)[];
  readonly agreed: readonly (Hand | Change)[];
  readonly written: readonly Hand[];
}

export type Act = Hand | Change;

const version = fc.nat(5);
const some = fc.subarray([...regions], { minLength: 1 });
const hand = { by: fc.constant('hand' as const) };
const does = <const Name extends string>(name: Name) => ({ ...hand, does: fc.constant(name) });

const hands: fc.Arbitrary<Hand> = fc.oneof(
  fc.record({ ...does('publish'), regions: some, isShown: fc.boolean(), isWaitedFor: fc.boolean() }),
  fc.record({
    ...does('flag'),
    version,
    excluded: fc.boolean(),
    own: fc.array(fc.constantFrom(null, null, true, false), { minLength: 3, maxLength: 3 }),
  }),
  fc.record({ ...does('pin'), set: fc.nat(9), version }),
  fc.record({ ...hand, does: fc.constantFrom('follow' as const, 'go' as const), set: fc.nat(9) }),
  fc.record({
    ...does('come'),
    region: fc.nat(2),
    flexible: fc.boolean(),
    version: fc.option(version, { nil: undefined }),
  }),
  fc.record({ ...does('machine'), version }),
  fc.record({ ...does('delete'), version }),
  fc.record({ ...does('wait'), hours: fc.integer({ min: 1, max: 8 }) }),
);

const asked = {
  by: fc.constant('goldbot' as const),
  verb: fc.constantFrom(...verbs),
  version,
  regions: fc.option(some, { nil: undefined, freq: 2 }),
};
const none = fc.constant([]);
const alone: fc.Arbitrary<Change> = fc.record({
  ...asked,
  answer: fc.constant('unasked' as const),
  glass: fc.constant(false),
  planned: none,
  agreed: none,
  written: none,
});
const meanwhile = fc.array(fc.oneof({ weight: 3, arbitrary: hands }, { weight: 2, arbitrary: alone }), {
  maxLength: 2,
});
const change: fc.Arbitrary<Change> = fc.record({
  ...asked,
  answer: fc.constantFrom('unasked', 'approve', 'approve', 'refuse'),
  glass: fc.nat(3).map((n) => n === 0),
  planned: meanwhile,
  agreed: meanwhile,
  written: fc.array(hands, { maxLength: 1 }),
});

/** A life of an image, in a gallery that keeps what is deleted, or in one that does not. */
export const lives = fc.record({
  keeps: fc.boolean(),
  /** One version alone is offered in the beginning, or two. */
  isAlone: fc.boolean(),
  acts: fc.array(fc.oneof({ weight: 3, arbitrary: change }, { weight: 2, arbitrary: hands }), {
    minLength: 1,
    maxLength: 6,
  }),
});

export type Life = typeof lives extends fc.Arbitrary<infer T> ? T : never;
