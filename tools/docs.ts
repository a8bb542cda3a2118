import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { limitsPage } from './docs/limits';
import { plainPage } from './docs/plain';
import { auditPage, cataloguePage, commandsPage, errorsPage, troublesPage } from './docs/reference';
import { reliabilityPage } from './docs/reliability';
import { roleFiles, rolesPage } from './docs/roles';
import { securityPage } from './docs/security';
import { waitsPage } from './docs/waits';

/** `npm run docs [-- --check]`: writes the generated pages, or says which of them are behind the code. */
const root = join(__dirname, '..');
const pages: Readonly<Record<string, () => string>> = {
  'docs/reference/audit.md': auditPage,
  'docs/reference/catalogue.md': cataloguePage,
  'docs/reference/commands.md': commandsPage,
  'docs/reference/errors.md': errorsPage,
  'docs/reference/limits.md': limitsPage,
  'docs/reference/plain-words.md': plainPage,
  'docs/reference/troubles.md': troublesPage,
  'docs/reference/waits.md': waitsPage,
  'docs/reliability.md': reliabilityPage,
  'docs/roles.md': rolesPage,
  'docs/security.md': securityPage,
  ...roleFiles,
};

const check = process.argv.includes('--check');
for (const [name, write] of Object.entries(pages)) {
  const path = join(root, name);
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const text = write();
  if (before === text) continue;
  if (check) {
    console.log(`${name} is behind the code: run \`npm run docs\`.`);
    process.exitCode = 1;
    continue;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`${name} written`);
}
