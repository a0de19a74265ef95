import type { HttpExchange, Observation } from '../model/observation.ts'
import { leadsToOwnApp, mostRedirects, ownAppOf } from '../model/ownApp.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { listed, placeOf } from './wording.ts'

/** An own app that was followed within itself and came to no page and no sign-in. */
export const redirectLoopRules: readonly Rule[] = [{ cause: 'redirect-loop', match: withoutEnd }]

/** Addresses of a circle that are named. */
const mostNamed = 4

function withoutEnd(seen: Seen): Match | undefined {
  const { flow, context, kinds, exchanges } = seen
  const [first] = exchanges.worked
  if (first === undefined || !leadsToOwnApp(flow, context.apps) || isCut(seen)) return undefined
  const followed = kinds['http-exchange'].filter(({ role, varies }) => role === 'control' && varies === 'path')
  const visit = [first, ...followed]
  // A page, a sign-in, an answer that is no answer, or a way out: then there is an end.
  if (visit.length < 2 || !visit.every((one) => sendsOnWithin(one, first))) return undefined
  const asked = visit.map(({ url }) => pathOf(url, true))
  const last = destinationOf(visit.at(-1) ?? first)
  // Asked once again with the cookies that had come, and sent on once again to where the visit had been.
  const isCircle = new Set(asked).size < asked.length && asked.includes(pathOf(last ?? '', true))
  if (!isCircle && followed.length < mostRedirects) return undefined
  const paths = [...new Set(visit.map(({ url }) => pathOf(url)))]
  const named = `${listed(paths.slice(0, mostNamed))}${paths.length > mostNamed ? ` and ${paths.length - mostNamed} more` : ''}`
  const known = ownAppOf(flow, context.apps)?.url ?? first.url
  return {
    confidence: isCircle ? 'certain' : 'possible',
    says: isCircle
      ? `the app at ${placeOf(flow)} sends whoever comes round in a circle (${named}), with the cookies that it sets as well; the path is open, and nobody gets in`
      : `the app at ${placeOf(flow)} has sent on within itself ${visit.length} times (${named}) and come to no page and no sign-in; the path is open`,
    fix: `let the app know that it is reached at ${known}: its proxy has to pass X-Forwarded-Proto, -Host and -Port, and the app has to honour them; or take out one of the rules that send to each other`,
    alternatives: [],
    nextProbe: `open ${first.url} in a browser`,
    decidedBy: idsOf(visit),
  }
}

/**
 * Whether the visit ended because a page was not reached, or was not asked for any more: it is not known then what the
 * app would have said to its visitor, who had the cookies by that time.
 */
function isCut({ kinds, limits }: Seen): boolean {
  const goesOn = ({ role, varies }: Observation): boolean => role === 'control' && varies === 'path'
  return (
    limits.length > 0 ||
    kinds['tool-limit'].some(goesOn) ||
    kinds['tcp-connect'].some((one) => goesOn(one) && one.outcome !== 'connected') ||
    kinds['tls-handshake'].some((one) => goesOn(one) && one.outcome !== 'established')
  )
}

function sendsOnWithin(one: HttpExchange, first: HttpExchange): boolean {
  const { outcome, status = 0, signIn, url } = one
  const to = destinationOf(one)
  if (outcome !== 'response' || status < 300 || status > 399 || signIn !== undefined || to === undefined) return false
  return hostnameOf(to) === hostnameOf(url) && hostnameOf(url) === hostnameOf(first.url) && to.startsWith('https:')
}

function destinationOf({ headers, url }: HttpExchange): string | undefined {
  const location = headers['location']
  return location !== undefined && URL.canParse(location, url) ? new URL(location, url).href : undefined
}

const hostnameOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).hostname : undefined)

/** Without the port: by the mapping of `names:` an app may be asked at another than it knows of. */
function pathOf(url: string, whole = false): string {
  if (!URL.canParse(url)) return url
  const { pathname, search } = new URL(url)
  return whole ? `${pathname}${search}` : pathname
}
