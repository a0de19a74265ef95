import type { NameLookup } from '../model/observation.ts'
import type { Seen } from './seen.ts'

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
