import type { NameLookup } from '../model/observation.ts'
import type { Seen } from './seen.ts'
import { duration, listed } from './wording.ts'

/** Whether a resolver gave addresses. */
export const hasAddresses = ({ outcome, answers }: NameLookup): boolean => outcome === 'answer' && answers.length > 0
/** Whether a resolver says that there is no such name, or no address under it. */
export const isDenied = ({ outcome }: NameLookup): boolean => outcome === 'name-error' || outcome === 'no-data'
/** Whether every address is the unspecified one, which filters give for what they deny. */
export const isBlank = ({ answers }: NameLookup): boolean =>
  answers.length > 0 && answers.every((answer) => answer === '0.0.0.0' || answer === '::')

/** The same name as resolvers outside the site give it. */
export function outside({ controlLookups }: Seen): readonly NameLookup[] {
  return controlLookups.filter(({ resolverRole, varies }) => resolverRole === 'control' || varies === 'resolver')
}

/** The resolver as a sentence names it. */
export function resolverOf({ resolver }: NameLookup): string {
  return resolver === 'system' ? "the platform's resolution" : resolver
}

/** Whether the connection stood and the server ended it: it was reached, and what ails it is its own. */
export function isTakenAndEnded({ outcome, detail }: NameLookup): boolean {
  return outcome === 'unreachable' && detail !== undefined && /^closed |^ECONNRESET$|^EPIPE$/.test(detail)
}

/** What a resolver came to, as a sentence says it after its name. */
export function wordOf(one: NameLookup): string {
  const { outcome, rcode, answers, ms } = one
  if (one.truncated === true) return `cuts its answer short over ${one.transport}`
  switch (outcome) {
    case 'answer':
      return answers.length > 0 ? `gives ${listed(answers)}` : 'answers without a record'
    case 'name-error':
      return 'says NXDOMAIN'
    case 'no-data':
      return 'says that there is no address'
    case 'refused-by-policy':
      return 'says REFUSED'
    case 'server-failure':
      // The platform says by one word that a server failed and that none was heard.
      return one.resolver === 'system' ? `gives no answer (${one.detail ?? 'no word'})` : 'says SERVFAIL'
    case 'other-rcode':
      return `answers with the code ${rcode ?? 'of an error'}`
    case 'timeout':
      return `did not answer within ${duration(ms)}`
    case 'refused':
      return 'refuses the question'
    case 'unreachable':
      return isTakenAndEnded(one) ? 'takes the connection and ends it without an answer' : 'is not reached'
    case 'malformed':
      return 'answers something that is not DNS'
    case 'mismatch':
      return 'gives an answer to another question'
    case 'tool-limit':
      return 'was not asked, since this machine had no means left'
    case 'aborted':
      return 'was not waited for'
    default:
      return outcome satisfies never
  }
}
