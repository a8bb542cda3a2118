/** What is deleted once it is old is found by its time: without these, each look for it reads the whole table. */
export const sweptByTime = `
create index delivery_first_at on delivery (first_at);
create index act_first_at on act (first_at);
create index intent_machine_at on intent (machine_at);
create index webhook_over on webhook (machine_at) where due_at is null;
create index notice_over on notice (machine_at) where due_at is null;
`;
