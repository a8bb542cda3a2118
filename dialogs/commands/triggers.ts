import { z } from 'zod';
import { count, moment, noticeCard } from '../../cards';
import type { ForeignTemplate, SourceTrigger } from '../../core/azure';
import { azureId, definitionId, sameId } from '../../core/azure-id';
import type { Catalogue } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { explain, isUserError } from '../../core/errors';
import { imageRef } from '../../core/images';
import { type Answer, type Deps, defineCommand, word } from '../conversation';

/** How many templates one answer asks Image Builder about. */
const mostTemplates = 5;

/** `triggers [template]`: Image Builder's own source triggers with their health. goldbot shows them, and uses none. */
export const triggers = defineCommand({
  verb: 'triggers',
  summary: "Shows Image Builder's own source triggers and their health: what they build bypasses approval.",
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({ template: word('Image template', 'template', { example: 'legacy-hardening' }).optional() }),
  examples: ['triggers', 'triggers legacy-hardening'],

  async run(_ctx, { template: named }, deps) {
    const catalogue = deps.catalogue();
    const all = await deps.read.foreignTemplates(catalogue.azure.subscription);
    const meant = named === undefined ? all : all.filter(({ name }) => name.toLowerCase() === named.toLowerCase());
    if (meant.length === 0) return none(named, all.length);
    // What could become the latest of an image of ours comes first.
    const byDanger = [...meant].sort((a, b) => exposedBy(b, catalogue).length - exposedBy(a, catalogue).length);
    const looked = await Promise.all(byDanger.slice(0, mostTemplates).map((one) => lookAt(one, deps)));
    return answer(looked, byDanger.slice(mostTemplates), catalogue);
  },
});

interface Looked {
  readonly template: ForeignTemplate;
  readonly found: readonly SourceTrigger[] | string;
}

/** One template that Azure says nothing about hides no other. */
async function lookAt(template: ForeignTemplate, { read }: Deps): Promise<Looked> {
  try {
    const { subscription, resourceGroup } = azureId(template.id);
    return { template, found: await read.triggers({ subscription, resourceGroup }, template.name) };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { template, found: explain(error) };
  }
}

function none(named: string | undefined, others: number): Answer {
  if (named === undefined || others === 0) {
    return noticeCard({
      message: 'No source trigger builds past goldbot',
      details: ['No image template of others in the subscription that builds has its source at latest.'],
    });
  }
  return noticeCard({
    message: `No image template “${named.slice(0, 60)}” of others can have a source trigger`,
    details: [`${count(others, 'other template')} in the subscription that builds can.`],
    next: [call('triggers')],
  });
}

function answer(looked: readonly Looked[], rest: readonly ForeignTemplate[], catalogue: Catalogue): Answer {
  const rows = looked.map((one) => ({ ...one, words: rowsOf(one, catalogue) }));
  const without = rows.filter(({ words }) => words.length === 0).length;
  const found = rows.flatMap(({ words }) => words);
  const isSick = found.some(({ sick }) => sick);
  return noticeCard({
    message:
      found.length === 0
        ? 'No source trigger builds past goldbot'
        : `${count(found.length, 'source trigger')}${isSick ? ', not all healthy' : ''}`,
    details: [
      ...found.map(({ text }) => text),
      without === 0 ? '' : `${count(without, 'template')} of others with its source at latest has no trigger.`,
      rest.length === 0
        ? ''
        : `Not asked about: ${rest
            .slice(0, 10)
            .map(({ name }) => name)
            .join(', ')}. Name one to see it.`,
    ].filter((text) => text !== ''),
    next: rest.slice(0, 1).map(({ name }) => call('triggers', { template: name })),
  });
}

/** A line for each trigger of the template, or for what Azure says instead. */
function rowsOf({ template, found }: Looked, catalogue: Catalogue): readonly { text: string; sick: boolean }[] {
  const where = `${template.name} (${azureId(template.id).resourceGroup})`;
  if (typeof found === 'string') return [{ text: `? ${where}: ${found}`, sick: true }];
  const exposed = exposedBy(template, catalogue);
  return found.map(({ name, health, message, at }) => {
    const sick = health !== 'Healthy';
    const since = at ? ` since ${moment(at)}` : '';
    const said = message === undefined || !sick ? '' : `: “${message}”`;
    const last = template.lastRun
      ? ` Last build: ${template.lastRun.state}${template.lastRun.at ? `, ${moment(template.lastRun.at)}` : ''}.`
      : '';
    const danger =
      exposed.length === 0
        ? ''
        : ` What it builds becomes the latest of ${exposed.join(' and ')}, without test or approval: delete the trigger, or have the template exclude it from latest.`;
    return {
      text: `${sick || exposed.length > 0 ? '!' : '●'} ${where}: trigger ${name} is ${(health ?? 'of unknown health').toLowerCase()}${since}${said}.${last}${danger}`,
      sick,
    };
  });
}

/** Images of the catalogue of which it makes a new latest. */
function exposedBy({ targets }: ForeignTemplate, { azure, images }: Catalogue): readonly string[] {
  const open = targets.filter(({ excludedFromLatest }) => !excludedFromLatest).map(({ definition }) => definition);
  return images
    .filter((image) =>
      open.some((id) => sameId(id.replace(/\/versions\/.*$/i, ''), definitionId(imageRef(azure, image)))),
    )
    .map(({ name }) => name);
}
