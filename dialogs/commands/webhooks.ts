import { z } from 'zod';
import { moment, noticeCard } from '../../cards';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import type { WebhookState } from '../../store/reads';
import { type Answer, type CommandContext, type Deps, defineCommand, flag, word } from '../conversation';

/** `webhooks [receiver --resend]`: which programs are told what happens, and what they did not get. */
export const webhooks = defineCommand({
  verb: 'webhooks',
  summary: 'Shows which programs are told what happens, and what they did not get; --resend sends that again.',
  group: 'Ask',
  role: 'admin',
  effect: 'write',
  args: z.object({
    receiver: word('Receiver', 'name', { example: 'tickets' }).optional(),
    resend: flag('Send again what it did not get'),
  }),
  examples: ['webhooks', 'webhooks tickets --resend'],

  async run(ctx, { receiver, resend }, deps) {
    const names = (deps.catalogue().programs?.webhooks ?? []).map(({ name }) => name);
    const states = new Map((await deps.reads.webhooks()).map((state) => [state.receiver, state]));
    if (resend) return sendAgain(ctx, named(receiver, names), deps);
    const shown = receiver === undefined ? [...new Set([...names, ...states.keys()])] : [named(receiver, names)];
    if (shown.length === 0) {
      return noticeCard({
        message: 'No program is told what happens',
        details: ['Receivers are listed under webhooks in programs.yaml.'],
        next: [call('help', { verb: 'webhooks' })],
      });
    }
    const troubled = shown.filter((name) => (states.get(name)?.lost ?? 0) > 0);
    return noticeCard({
      message: troubled.length === 0 ? 'Nothing was given up' : `${troubled.join(', ')} did not get everything`,
      isList: true,
      details: shown.map((name) => stateWords(name, states.get(name), names.includes(name))),
      buttons: troubled
        .filter((name) => names.includes(name))
        .slice(0, 3)
        .map((name) => ({ title: `Send again to ${name}`, call: call('webhooks', { receiver: name, resend: true }) })),
      next: [call('webhooks')],
    });
  },
});

async function sendAgain({ person }: CommandContext, receiver: string, { webhooks: control }: Deps): Promise<Answer> {
  const events = await control.resend({ receiver, person });
  return noticeCard({
    message:
      events === 0
        ? `${receiver} has got everything that is kept`
        : `${events} ${events === 1 ? 'event is' : 'events are'} sent again to ${receiver}`,
    details: [
      events === 0
        ? 'Nothing was sent.'
        : 'Each has the id that it had, so that the receiver knows what it has had already.',
    ],
    next: [call('webhooks', { receiver })],
  });
}

/** @throws UserError `BAD_COMMAND` */
function named(receiver: string | undefined, names: readonly string[]): string {
  const found = names.find((name) => name === receiver?.toLowerCase());
  if (found !== undefined) return found;
  const said =
    receiver === undefined ? 'No receiver is named' : `The catalogue has no receiver "${receiver.slice(0, 40)}"`;
  throw new UserError('BAD_COMMAND', `${said}; nothing was sent.`, {
    hint:
      names.length === 0 ? 'Receivers are listed under webhooks in programs.yaml.' : `There is ${names.join(', ')}.`,
    next: [call('webhooks')],
  });
}

function stateWords(name: string, state: WebhookState | undefined, isKnown: boolean): string {
  const gone = isKnown ? '' : ', which is no longer in the catalogue,';
  if (!state) return `${name} has got everything.`;
  const { waiting, lost, trouble } = state;
  const counts = [lost > 0 ? `did not get ${lost}` : '', waiting > 0 ? `is still to get ${waiting}` : ''];
  const last = trouble ? ` Last: ${trouble.kind} of ${trouble.subject}, ${moment(trouble.at)}: ${trouble.said}.` : '';
  return `${name}${gone} ${counts.filter((count) => count !== '').join(' and ')}.${last}`;
}
