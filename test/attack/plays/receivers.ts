import dns from 'node:dns';
import { setTimeout as pause } from 'node:timers/promises';
import { receiverProblem } from '../../../core/webhooks';
import { webhookSender } from '../../../services';
import { type Play, pick } from '../front';

type Random = () => number;

const byte = (random: Random): number => Math.floor(random() * 256);
const v4 = (random: Random): readonly [number, number, number, number] =>
  pick<readonly [number, number, number, number]>(random, [
    [10, byte(random), byte(random), byte(random)],
    [172, 16 + Math.floor(random() * 16), byte(random), byte(random)],
    [192, 168, byte(random), byte(random)],
    [127, byte(random), byte(random), byte(random)],
    [169, 254, 169, 254],
    [168, 63, 129, 16],
    [100, 64 + Math.floor(random() * 64), byte(random), byte(random)],
    [0, byte(random), byte(random), byte(random)],
    [192, 0, 0, byte(random)],
    [198, 18 + Math.floor(random() * 2), byte(random), byte(random)],
    [224 + Math.floor(random() * 32), byte(random), byte(random), byte(random)],
  ]);

const hex = (n: number, digits = 2): string => n.toString(16).padStart(digits, '0');

/** An address inside, as somebody writes it who hopes that it is read as something else. */
function inside(random: Random): string {
  const [a, b, c, d] = v4(random);
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  const tail = `${hex(a)}${hex(b)}:${hex(c)}${hex(d)}`;
  return pick(random, [
    `${a}.${b}.${c}.${d}`,
    `${a}.${b}.${c}.${d}.`,
    String(number),
    `0x${hex(number, 8)}`,
    `0${a.toString(8)}.0${b.toString(8)}.0${c.toString(8)}.0${d.toString(8)}`,
    `${a}.${b}.${c * 256 + d}`,
    `[::ffff:${a}.${b}.${c}.${d}]`,
    `[::${tail}]`,
    `[64:ff9b::${tail}]`,
    `[2002:${tail}::1]`,
    `[2001:0:${tail}::1]`,
    `[fd${hex(b)}::${hex(d, 4)}]`,
    `[fe80::${hex(d, 4)}]`,
    `[ff0${Math.floor(random() * 9)}::${hex(d, 4)}]`,
    `[2001:db8::${hex(d, 4)}]`,
    `[2001:2::${hex(d, 4)}]`,
    `[2001:10::${hex(d, 4)}]`,
    `[3fff:${hex(b)}::${hex(d, 4)}]`,
    '[::1]',
    '[::]',
  ]);
}

/** What DNS answers for a name that somebody else owns. */
function answers(random: Random): readonly dns.LookupAddress[] {
  const [a, b, c, d] = v4(random);
  const bad = { address: `${a}.${b}.${c}.${d}`, family: 4 };
  const good = { address: '93.184.215.14', family: 4 };
  return pick(random, [
    [bad],
    [good, bad],
    [bad, good],
    [{ address: '::1', family: 6 }],
    [good, { address: `fd00::${hex(d, 4)}`, family: 6 }],
    [{ address: `::ffff:${a}.${b}.${c}.${d}`, family: 6 }],
    [],
  ]);
}

const refusal = /not of the public internet|not https|Invalid URL/;

/** A refusal comes at once; whatever takes longer is on its way to somewhere. */
const whyNot = (post: ReturnType<typeof webhookSender>, url: string): Promise<string> =>
  post({ url, headers: {}, body: '{}' }).then(
    () => 'answered',
    (error: Error) => error.message,
  );

/** Receivers inside a network, by address and by names that DNS says are there: no connection is made. */
export const receivers: Play = async ({ size, random }) => {
  const post = webhookSender('public');
  const { lookup } = dns;
  let next: readonly dns.LookupAddress[] = [];
  // What `node:https` asks is goldbot's own look-up, and that asks this one.
  dns.lookup = ((_host: string, _options: object, done: (error: null, found: unknown) => void) =>
    done(null, next)) as never;
  const letIn: string[] = [];
  try {
    for (let i = 0; i < size; i += 1) {
      const byName = i % 3 === 0;
      next = answers(random);
      const host = byName
        ? pick(random, ['hooks.evil.example', 'localhost.', 'metadata.google.internal.', 'rebind.example'])
        : inside(random);
      const url = `${random() < 0.05 ? 'http' : 'https'}://${host}/x`;
      const why = await Promise.race([whyNot(post, url), pause(1_000, 'tries to connect')]);
      const what = byName ? `${url} at ${JSON.stringify(next)}` : url;
      if (!refusal.test(why)) letIn.push(`${what}: ${why}`);
      if (!byName && receiverProblem(url) === undefined) letIn.push(`${what} may stand in the catalogue`);
    }
  } finally {
    dns.lookup = lookup;
  }
  return { tries: size, letIn };
};
