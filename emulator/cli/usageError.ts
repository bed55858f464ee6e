/** What the caller can mend: wrong options, a port in use, an app that does not load. Ends with exit code 2. */
export class UsageError extends Error {}
