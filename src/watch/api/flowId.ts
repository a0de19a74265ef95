import { hash } from 'node:crypto'

/** By which a flow is known in URLs: the first 16 hexadecimal digits of the SHA-256 of its key. */
export function flowIdOf(key: string): string {
  return hash('sha256', key).slice(0, 16)
}

/** The id of a subject that is a flow; undefined for others, such as `sign-in:daemon`. */
export function flowIdIn(subject: string): string | undefined {
  return subject.includes('|') ? flowIdOf(subject) : undefined
}
