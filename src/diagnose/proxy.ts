import type { HttpExchange } from '../model/observation.ts'
import { areUnrelated } from './names.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { listed, placeOf } from './wording.ts'

/** Causes that a proxy or portal on the path states in its own answer. */
export const proxyRules: readonly Rule[] = [
  {
    cause: 'proxy-auth',
    match: ({ exchanges, flow }) => {
      const asking = exchanges.worked.filter(({ status }) => status === 407)
      const [first] = asking
      if (first === undefined) return undefined
      const wanted = first.headers['proxy-authenticate']
      return {
        confidence: 'certain',
        says: `a proxy answers in the place of ${placeOf(flow)} and wants credentials (407${wanted === undefined ? '' : `, ${wanted}`})`,
        fix: `exempt ${flow.target.pattern ?? flow.target.name ?? flow.to} from authentication on the proxy; services send no credentials`,
        alternatives: [],
        nextProbe: "read the proxy's log for this machine",
        decidedBy: idsOf(asking),
      }
    },
  },
  {
    cause: 'proxy-dns',
    match: ({ exchanges, flow }) => {
      const failing = exchanges.worked.filter((one) => squidError(one)?.startsWith('ERR_DNS') === true)
      if (failing.length === 0) return undefined
      return {
        confidence: 'certain',
        says: `the proxy on the path cannot resolve ${flow.target.name ?? flow.to} (${squidError(failing[0])})`,
        fix: "mend the proxy's own resolver",
        alternatives: [],
        nextProbe: `resolve ${flow.target.name ?? flow.to} on the proxy`,
        decidedBy: idsOf(failing),
      }
    },
  },
  {
    cause: 'proxy-name-denied',
    match: ({ exchanges, controlExchanges, flow }) => {
      const denied = exchanges.worked.filter((one) => squidError(one)?.startsWith('ERR_ACCESS_DENIED') === true)
      if (denied.length === 0) return undefined
      const passing = controlExchanges.filter((one) => squidError(one) === undefined && !sameHostAs(one, denied[0]))
      return {
        confidence: passing.length > 0 ? 'certain' : 'possible',
        says: `the proxy on the path denies ${flow.target.name ?? flow.to} (${denied[0]?.status}, ERR_ACCESS_DENIED)${passing.length > 0 ? `; ${listed(passing.map(hostOfUrl))} passes` : ''}`,
        fix: `allow ${flow.target.pattern ?? flow.target.name ?? flow.to} on the proxy`,
        alternatives: passing.length > 0 ? [] : ['proxy-port-denied'],
        nextProbe: 'ask for the same name on another port, and for another name on the same port',
        decidedBy: idsOf(denied, passing),
      }
    },
  },
  {
    cause: 'captive-portal',
    match: (seen) => {
      const { exchanges, flow } = seen
      const stated = exchanges.worked.filter(({ status }) => status === 511)
      const fix = 'sign in on the page, or exempt this machine from the portal'
      if (stated.length > 0) {
        return {
          confidence: 'certain',
          says: `the network wants a sign-in before it lets anything out (511 from ${placeOf(flow)})`,
          fix,
          alternatives: [],
          nextProbe: 'open any plain HTTP page in a browser on this machine',
          decidedBy: idsOf(stated),
        }
      }
      const away = exchanges.worked.flatMap((one) => redirectedAway(one) ?? [])
      const [first] = away
      if (first === undefined) return samePageElsewhere(seen)
      const alike = redirectsElsewhere(seen, first)
      if (alike.length === 0) return undefined
      return {
        confidence: 'likely',
        says: `${listed([first.asked, ...alike.map(({ asked }) => asked)])}, which have nothing in common, are all redirected to ${first.to}`,
        fix,
        alternatives: ['http-page-on-api'],
        nextProbe: `open http://${first.to}/ in a browser on this machine`,
        decidedBy: idsOf(
          [first.exchange],
          alike.map(({ exchange }) => exchange),
        ),
      }
    },
  },
]

/**
 * Whether an answer over plain HTTP may be somebody else's: a redirect to another organisation, or a page. Alone it proves
 * nothing; the same for an unrelated name does.
 */
export function isStrayPage(exchange: HttpExchange): boolean {
  return redirectedAway(exchange) !== undefined || titleOf(exchange) !== undefined
}

/** Unrelated names out there that all show one page show the page of what stands before them. */
function samePageElsewhere({ exchanges, controlExchanges, flow }: Seen): Match | undefined {
  if (flow.direction !== 'outbound-internet') return undefined
  const own = exchanges.worked.find((one) => titleOf(one) !== undefined)
  if (own === undefined) return undefined
  const title = titleOf(own)
  const alike = controlExchanges.filter((one) => titleOf(one) === title && areUnrelated(hostOfUrl(one), hostOfUrl(own)))
  if (alike.length === 0) return undefined
  return {
    // A portal, a filter of the web, or what one host of many names shows for each of them: the page alone does not tell.
    confidence: 'possible',
    says: `${listed([own, ...alike].map(hostOfUrl))}, which have nothing in common, all show the page "${title}"`,
    fix: `sign in on the page, or allow ${flow.target.pattern ?? flow.target.name ?? flow.to} on what shows it`,
    alternatives: ['http-page-on-api', 'resolver-filters'],
    nextProbe: `open http://${hostOfUrl(own)}/ in a browser on this machine`,
    decidedBy: idsOf([own], alike),
  }
}

/** The title of a page that plain HTTP gave as the document itself; errors are the server's own. */
function titleOf({ url, status, body }: HttpExchange): string | undefined {
  return url.startsWith('http://') && status === 200 && body.kind === 'html' && body.title !== ''
    ? body.title
    : undefined
}

interface Redirect {
  readonly exchange: HttpExchange
  readonly asked: string
  readonly to: string
}

/** A redirect of plain HTTP to a host of another organisation; one to the own name, such as to https, is ordinary. */
function redirectedAway(exchange: HttpExchange): Redirect | undefined {
  const { status = 0, headers, url } = exchange
  const location = headers['location']
  if (status < 300 || status > 399 || location === undefined) return undefined
  if (!url.startsWith('http://') || !URL.canParse(location) || !URL.canParse(url)) return undefined
  const asked = new URL(url).hostname
  const to = new URL(location).hostname
  return areUnrelated(asked, to) ? { exchange, asked, to } : undefined
}

function redirectsElsewhere({ controlExchanges }: Seen, { asked, to }: Redirect): readonly Redirect[] {
  return controlExchanges
    .flatMap((one) => redirectedAway(one) ?? [])
    .filter((one) => one.to === to && areUnrelated(one.asked, asked))
}

/** Squid names its reason in a field of its own. */
function squidError(exchange: HttpExchange | undefined): string | undefined {
  return exchange?.headers['x-squid-error']
}

function hostOfUrl({ url, address }: HttpExchange): string {
  return URL.canParse(url) ? new URL(url).hostname : address
}

function sameHostAs(one: HttpExchange, other: HttpExchange | undefined): boolean {
  return other !== undefined && hostOfUrl(one) === hostOfUrl(other)
}
