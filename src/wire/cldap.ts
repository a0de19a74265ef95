import type { LdapResult } from './ldap.ts'
import { ldapRootSearch, readLdapAnswer } from './ldap.ts'
import type { NetlogonAnswer, NetlogonQuestion } from './netlogonPing.ts'
import { netlogonFilter, readNetlogonAnswer } from './netlogonPing.ts'

/** What a datagram says as the answer to a ping. */
export type CldapAnswer =
  | NetlogonAnswer
  /** The server is well, and is no controller of the domain that was asked for (MS-ADTS §6.3.3.3): nothing came. */
  | { readonly kind: 'wrong-domain' }
  | { readonly kind: 'refused'; readonly result: LdapResult }
  /** LDAP, and the answer to something else. */
  | { readonly kind: 'not-ours'; readonly why: string }

const attribute = 'Netlogon'

/** One datagram for port 389 (MS-ADTS §6.3.3): a search as over TCP, without a connection and without a bind. */
export function cldapPing(messageId: number, question: NetlogonQuestion): Uint8Array {
  return ldapRootSearch(messageId, netlogonFilter(question), [attribute])
}

/** Reads the datagram that came back; never throws. The entry and the end of the search lie in the same one. */
export function readCldapAnswer(octets: Uint8Array, messageId: number): CldapAnswer {
  const answer = readLdapAnswer(octets, messageId)
  switch (answer.kind) {
    case 'search': {
      if (answer.result.code !== 0) return { kind: 'refused', result: answer.result }
      const [value] = answer.entry?.attributes.get(attribute.toLowerCase()) ?? []
      return value === undefined ? { kind: 'wrong-domain' } : readNetlogonAnswer(value)
    }
    case 'extended':
    case 'disconnected':
      return { kind: 'not-ours', why: 'it answers no search' }
    case 'incomplete':
      return answer.others > 0
        ? { kind: 'not-ours', why: 'it carries the number of another question' }
        : { kind: 'unreadable', why: 'no end of the search in it' }
    case 'other':
      return { kind: 'unreadable', why: answer.why }
    default:
      return answer satisfies never
  }
}
