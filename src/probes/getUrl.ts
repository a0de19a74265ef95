import { bracketed } from '../model/hostPort.ts'
import type { Question } from './probe.ts'

/** The address that a GET asks for: the name where there is one, so that `Host` is right, else the address itself. */
export function getUrl(scheme: 'http' | 'https', { name, address, port, path = '/' }: Question): string {
  const host = name ?? bracketed(address)
  // Put together as text: resolved against a base, a path that begins with two slashes would name another host.
  return new URL(`${scheme}://${host}:${port}${path.startsWith('/') ? '' : '/'}${path}`).href
}
