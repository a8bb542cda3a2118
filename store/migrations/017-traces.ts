/**
 * For operators alone. Where a run was started and where a person told it something, as W3C `traceparent`s: its steps, whichever replica takes
 * them, are linked to it. Null where nobody listens, and in rows of earlier versions. Since when a card has
 * been behind; unknown for those of which only earlier versions know.
 */
export const traces = `
alter table run add column trace text;
alter table signal add column trace text;
alter table card add column wanted_at timestamptz;
alter table card alter column wanted_at set default clock_timestamp();
`;
