import { talkReply } from '../../cards';
import { call } from '../../core/command-call';
import type { Command, Heard, Listening } from '../conversation';
import { findCommand } from '../conversation';
import { offer, whichRequest } from './answer';
import { understand } from './understand';

/**
 * Hears a message: a command of the grammar as it stands, a question in plain words as the command that answers it, and
 * whatever might change something as an offer.
 *
 * @throws UserError as the grammar does, where plain words do not help either.
 */
export function listen(said: string, { commands, catalogue, now, conversation }: Listening): Heard {
  const { id, name } = conversation;
  const heard = understand(said, { commands, catalogue, now, place: { id, ...(name !== undefined && { name }) } });
  const named = (verb: string) => known(commands, verb);
  switch (heard.kind) {
    case 'error':
      throw heard.error;
    case 'grammar':
      return heard.parsed.kind === 'command'
        ? { command: heard.parsed.command, values: heard.parsed.values }
        : { command: named('help'), values: {} };
    case 'read':
      return { command: named(heard.call.verb), values: heard.call.values, isPlain: true };
    case 'help':
      return { command: named('help'), values: heard.of === undefined ? {} : { verb: heard.of }, isPlain: true };
    case 'talk':
      return { command: named('help'), values: {}, tell: async () => talkReply(heard.talk) };
    case 'which':
      return { command: named(heard.verb), values: {}, tell: (ctx, _values, deps) => whichRequest(heard, ctx, deps) };
    case 'offer': {
      const { corrects } = heard;
      const { verb } = heard.call;
      const tell: Heard['tell'] = (ctx, values, deps) => offer([call(verb, values)], ctx, deps, corrects);
      return { command: named(verb), values: heard.call.values, tell };
    }
    case 'ask':
      return { command: named('help'), values: {}, tell: (ctx, _values, deps) => offer(heard.among, ctx, deps) };
  }
}

function known(commands: readonly Command[], verb: string): Command {
  const command = findCommand(commands, verb);
  if (!command) throw new Error(`${verb} is no command`);
  return command;
}
