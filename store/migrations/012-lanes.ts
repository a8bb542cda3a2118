/** Messages of one person in one conversation are answered in order; null in rows of earlier versions. */
export const lanes = `
alter table delivery add column lane text;
create index delivery_lane on delivery (lane, first_at) where answered_at is null and activity is not null;
`;
