import { call, line } from '../command-call';
import { type Finding, stops, warns } from '../preflight';
import { momentOf } from '../time';
import { houseLook, type ReceiverSeen, so } from './house';

/** Programs that are told what happens: what signs for each, and what did not reach it. */

interface Receiver {
  readonly name: string;
  /** Of the variable; the secret itself is not looked at here. */
  readonly secret: string;
  /** The end of a sentence; absent: nothing is wrong. */
  readonly problem?: string;
  readonly seen?: ReceiverSeen;
}

/** Nobody is asked where the catalogue names no receiver. */
export const receivers = houseLook<readonly Receiver[]>({
  at: 'the receivers of webhooks',
  read: async ({ house }, { catalogue }) => {
    const named = catalogue.programs?.webhooks ?? [];
    if (named.length === 0) return [];
    const states = new Map((await house.receivers())?.map((one) => [one.receiver, one]));
    return Promise.all(
      named.map(async ({ name, secret }): Promise<Receiver> => {
        const [problem, seen] = [await house.webhookSecret(secret), states.get(name)];
        return { name, secret, ...(problem !== undefined && { problem }), ...(seen && { seen }) };
      }),
    );
  },
  judge: (all) => all.flatMap((one) => [...secretFinding(one), ...lostFinding(one)]),
});

function secretFinding({ name, secret, problem }: Receiver): readonly Finding[] {
  if (problem === undefined) return [];
  return [
    so(
      `Nothing is sent to ${name}; what happens meanwhile is given up after three days.`,
      stops(
        `The secret ${secret} of the receiver ${name} ${problem}.`,
        'Make one, and hand it to the receiver and, in this variable, to goldbot:',
        'echo "whsec_$(openssl rand -base64 32)"',
      ),
    ),
  ];
}

function lostFinding({ name, seen }: Receiver): readonly Finding[] {
  if (!seen || seen.lost === 0) return [];
  const { lost, trouble } = seen;
  const last = trouble && `; last ${trouble.kind} of ${trouble.subject}, ${momentOf(trouble.at)}: ${trouble.said}`;
  return [
    so(
      `${name} does not know of ${lost === 1 ? 'it' : 'them'}, and nothing is sent again by itself.`,
      warns(
        `The receiver ${name} did not get ${lost} ${lost === 1 ? 'event' : 'events'}${last ?? ''}.`,
        'Mend the receiver, then have it sent again:',
        `@goldbot ${line(call('webhooks', { receiver: name, resend: true }))}`,
      ),
    ),
  ];
}
