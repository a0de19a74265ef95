import { ServerResponse } from 'node:http'
import type { ListenedResponse } from './listened.ts'

/**
 * Whether nobody is there any more to be answered. The platform's answer over HTTP/2 has no `destroyed` of its own, whatever
 * its type says: its stream has.
 */
export function isGone(response: ListenedResponse): boolean {
  return response instanceof ServerResponse ? response.destroyed : response.stream.destroyed || response.stream.closed
}
