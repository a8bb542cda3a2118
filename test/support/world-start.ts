/** The marketplace's versions follow the calendar of the world: in tests it always begins on the same day. */
export const worldStart = Date.parse('2026-11-23T00:00:00Z');
