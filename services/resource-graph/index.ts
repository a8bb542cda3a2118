/**
 * Azure Resource Graph: every query by name, and what comes out of them: the inventory counted, the machines behind a
 * figure, what policies say of one machine. The clients of services/azure send them; nothing here changes anything.
 */
export { inventoryRead, queries, resourceGraphRead } from './inventory';
export { whole } from './pages';
export type { SourceRow } from './source-queries';
