/** What a message said, kept until it is answered, so that another replica can answer it when this one dies. */
export const orphans = `
alter table delivery add column activity jsonb;
create index delivery_open on delivery (first_at) where answered_at is null and activity is not null;
`;
