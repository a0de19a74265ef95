import { domainOf } from './domainOf.ts'
import type { Question } from './probe.ts'

/** Of a host that is known by its address alone: no realm has this name (RFC 2606), and every KDC answers all the same. */
const unknownRealm = 'POSTERN.INVALID'

/** The Kerberos realm of a question: as Active Directory has it, the domain's name in upper case. */
export function realmOf(question: Pick<Question, 'domain' | 'name'>): string {
  return domainOf(question)?.toUpperCase() ?? unknownRealm
}
