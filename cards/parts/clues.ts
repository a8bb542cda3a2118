import type { Clue } from '../../core/compliance';
import { count } from './format';

/** Why a machine is taken for a pet or cattle, as a sentence. */
export function clueWords(clue: Clue): string {
  switch (clue.clue) {
    case 'tag':
      return `Its owner says so: the tag service-model is ${clue.model}.`;
    case 'odd tag':
      return `Its tag service-model says "${clue.value}", which is neither pet nor cattle.`;
    case 'scale set':
      return `It belongs to ${clue.name === undefined ? 'a scale set' : `the scale set ${clue.name}`}.`;
    case 'series': {
      const when = clue.withinDays === undefined ? '' : `, made within ${count(clue.withinDays, 'day')}`;
      return `It is one of ${clue.alike} machines of the same image and version named ${clue.stem}N${when}.`;
    }
    case 'availability set':
      return `It shares the availability set ${clue.name}.`;
    case 'data disks':
      return `It has ${count(clue.disks, 'data disk')} of its own.`;
    case 'age':
      return `It has been there for ${count(clue.days, 'day')}.`;
    case 'upgraded in place':
      return 'It was upgraded in place instead of being replaced.';
    case 'outside Azure':
      return 'It runs outside Azure: no image in the gallery can replace it.';
    case 'only one of its name':
      return 'No other machine in its resource group has a similar name.';
    case 'overdue':
      return 'Its version should have been replaced long ago.';
    case 'nothing known':
      return 'There is no evidence either way.';
  }
}
