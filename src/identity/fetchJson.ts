/**
 * Fetches a JSON document over verified TLS. The caller bounds its time and size, follows no redirect to another host, and
 * rejects for whatever is not a 200 with JSON.
 */
export type FetchJson = (url: string) => Promise<unknown>
