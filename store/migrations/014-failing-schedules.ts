/**
 * A schedule that fails is tried again by itself and holds up no other: how often in a row (`tries`), why, since when
 * (`failing_since`, world time), and when next (`not_before`, machine time).
 */
export const failingSchedules = `
alter table schedule
  add column tries integer not null default 0,
  add column last_error text,
  add column failing_since timestamptz,
  add column not_before timestamptz not null default '-infinity';
`;
