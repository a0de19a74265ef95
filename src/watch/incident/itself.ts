import type { Suspect } from '../../model/incident.ts'
import type { Trouble } from './trouble.ts'

const kindsBySubject = [
  ['sign-in:', 'sign-in'],
  ['canary:', 'canary'],
  ['certificate:', 'certificate'],
  ['secret:', 'secret'],
  ['name:', 'name'],
] as const

/** What shares its fault with nothing else. */
export function itself({ subject, title }: Pick<Trouble, 'subject' | 'title'>): Suspect {
  for (const [prefix, kind] of kindsBySubject) {
    if (subject.startsWith(prefix)) return { kind, name: subject.slice(prefix.length) }
  }
  return { kind: 'flow', name: title }
}

/** Whether a subject is a flow: of each other kind stands its name in front. */
export function isFlowSubject(subject: string): boolean {
  return !kindsBySubject.some(([prefix]) => subject.startsWith(prefix))
}
