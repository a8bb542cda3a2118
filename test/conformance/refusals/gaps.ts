/**
 * Rows of operations that the sandbox serves and that it does not hold to, each with the reason. A row leaves this list
 * when it comes into the table; the test fails on one that is in both, or that is of an operation which is not served.
 */
export const gaps: Readonly<Record<string, string>> = {};

/** Groups of rows that are still to come, whole. */
export const toCome = /^(?:AIB|ACG|VM|RC|VMSS|ARM|RBAC|POL|PI|ARG|GRAPH|BLOB)-/;
