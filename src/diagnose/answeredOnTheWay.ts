import { isMicrosoftName } from '../catalog/index.ts'
import type { NameLookup } from '../model/observation.ts'
import { isAnswered } from './lookups.ts'
import { hasAddresses, isBlank, isDenied, outside, resolverOf, wordOf } from './resolverAnswers.ts'
import type { Match } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { listed } from './wording.ts'

/**
 * A question that was sent to an address where no resolver is (RFC 5737) was answered: something on the way answers DNS.
 * That alone is no fault, since many networks lead all DNS to one resolver on purpose. It is the cause where the same wrong
 * answer comes from there as from the resolver that was asked.
 */
export function answeredOnTheWay(seen: Seen): Match | undefined {
  const { nowhere, lookups, flow, context } = seen
  const heard = nowhere.filter(isAnswered)
  const [first] = heard
  const own = [...lookups.worked, ...lookups.failed]
  const forged = contradicted(seen)
  if (forged !== undefined) return forged
  if (first === undefined) return undefined
  const wrong = own.filter((one) => isWrong(one, seen) && heard.some((other) => sayTheSame(one, other)))
  const [asked] = wrong
  if (asked === undefined) return undefined
  // Over TCP an answer is harder to forge than over UDP.
  const right = outside(seen).filter(
    (one) => one.transport === 'tcp' && hasAddresses(one) && !isBlank(one) && !sayTheSame(one, first),
  )
  const name = flow.target.name ?? asked.name
  const denied = isDenied(asked)
  const sure = right.length > 0 || (denied && isMicrosoftName(name, context.cloud))
  const others = right.length > 0 ? `; over TCP ${listed(right.map(resolverOf))} ${wordOf(right[0] ?? first)}` : ''
  return {
    confidence: sure ? 'likely' : 'possible',
    says: `DNS is answered on the way: ${first.resolver}, where no resolver is, ${wordOf(first)} for ${name}, as ${resolverOf(asked)} does${others}`,
    fix: `take the redirection of port 53 off the path between ${flow.from} and ${resolverOf(asked)}, or correct what it answers`,
    alternatives: sure
      ? ['resolver-filters']
      : denied
        ? ['name-missing', 'resolver-filters']
        : ['name-mismatch', 'split-brain-override'],
    nextProbe: `capture port 53 on ${flow.from}, and ask for ${name} over TCP or an encrypted transport`,
    decidedBy: idsOf(wrong, heard, right),
  }
}

/** Two answers under one id that say different things: one of them was sent by somebody on the way. */
function contradicted({ lookups, flow, stop, shaken }: Seen): Match | undefined {
  const twice = [...lookups.worked, ...lookups.failed].filter((one) => one.contradictedBy !== undefined)
  const [first] = twice
  if (first?.contradictedBy === undefined || (stop === undefined && shaken?.nameMatches !== false)) return undefined
  const { answers } = first.contradictedBy
  const second = answers.length > 0 ? `gives ${listed(answers)}` : 'says something else'
  return {
    confidence: 'likely',
    says: `two answers came to one question for ${first.name} to ${resolverOf(first)}: the first ${wordOf(first)}, the second ${second}`,
    fix: `take what answers DNS off the path between ${flow.from} and ${resolverOf(first)}`,
    alternatives: [],
    nextProbe: `capture port 53 on ${flow.from} and compare TTL and identification of the two answers`,
    decidedBy: idsOf(twice),
  }
}

/** A denial, a blank address, or an address at which something else answers. */
function isWrong(one: NameLookup, { shaken, stop }: Seen): boolean {
  if (isDenied(one) || one.outcome === 'refused-by-policy' || isBlank(one)) return true
  const foreign = stop?.phase === 'tls' && stop.failed.every(({ outcome }) => outcome === 'not-tls')
  return hasAddresses(one) && (shaken?.nameMatches === false || foreign)
}

function sayTheSame(one: NameLookup, other: NameLookup): boolean {
  if (one.type !== other.type) return false
  return hasAddresses(one)
    ? one.answers.some((answer) => other.answers.includes(answer))
    : one.outcome === other.outcome
}
