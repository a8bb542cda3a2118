/**
 * How long what people may still ask for is kept is a setting. A run that is over is cleared once of its messages and
 * requests (`cleared_at`, world time), messages go by when something of them was last wanted (machine time). Messages of
 * before 017 have no such time: they count from now.
 */
export const keptFor = `
alter table run add column cleared_at timestamptz;
create index run_uncleared on run (ended_at) where ended_at is not null and cleared_at is null;
create index signal_run on signal (run_id);
update card set wanted_at = clock_timestamp() where wanted_at is null;
create index card_wanted_at on card (wanted_at);
`;
