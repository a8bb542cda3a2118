import { Botbuilder } from '../../bot/botbuilder';
import type { Framework, FrameworkSettings } from '../../bot/framework';
import { AgentsHosting } from './agents-hosting';

type Maker = (settings: FrameworkSettings) => Framework;

/** All that stand behind the wall. */
export const frameworks: Readonly<Record<'botbuilder' | 'agents-hosting', Maker>> = {
  botbuilder: (settings) => new Botbuilder(settings),
  'agents-hosting': (settings) => new AgentsHosting(settings),
};

/** Which one the worlds of test/bot/ have: botbuilder, or as `npm run test:agents` says. */
export function usualFramework(): Maker {
  const name = process.env['GOLDBOT_FRAMEWORK'] ?? 'botbuilder';
  const found = Object.entries(frameworks).find(([known]) => known === name)?.[1];
  if (!found) throw new Error(`GOLDBOT_FRAMEWORK names none of ${Object.keys(frameworks).join(', ')}: ${name}`);
  return found;
}
