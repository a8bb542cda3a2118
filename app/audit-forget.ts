import { parseArgs } from 'node:util';
import { UserError } from '../core/errors';
import { auditDatabase } from './audit-database';
import { forgetPerson } from './forget-person';
import { runCommand } from './run';

/** `npm run audit:forget`: takes the name of a person out of the database. The audit keeps their object id, and its chain holds. */
const usage = 'npm run audit:forget -- --person <object id> [--sandbox]: docs/verify.md#somebody-must-be-forgotten';

runCommand(usage, async () => {
  const { values } = parseArgs({
    options: { person: { type: 'string' }, sandbox: { type: 'boolean', default: false } },
  });
  const { person } = values;
  if (person === undefined || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(person)) {
    throw new UserError('BAD_COMMAND', 'Say who, by their object id in Entra.', { hint: usage });
  }
  const lines = await auditDatabase(values, (database) => forgetPerson(database, person.toLowerCase(), new Date()));
  console.log(lines.join('\n'));
});
