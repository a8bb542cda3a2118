import { parseArgs } from 'node:util';
import { sentences } from '../test/support/sentences';

/** `npm run sentences [-- --list]`: how many of the sentences for people no test reads, room by room, and which. */
function main(): void {
  const { values } = parseArgs({ options: { list: { type: 'boolean', default: false } } });
  const all = sentences();
  const room = ({ file }: { readonly file: string }) => file.split('/')[0] ?? file;
  for (const name of [...new Set(all.map(room)), 'all']) {
    const own = all.filter((one) => name === 'all' || room(one) === name);
    const unread = own.filter(({ read }) => !read).length;
    console.log(`${name}: ${unread} of ${own.length} unread, ${((100 * unread) / own.length).toFixed(1)} %`);
  }
  if (values.list) for (const { file, text, read } of all) if (!read) console.log(`${file}: ${text}`);
}

main();
