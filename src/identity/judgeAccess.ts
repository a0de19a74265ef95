import type { AccessRemedy } from '../model/accessReport.ts'
import type { AccessRule, Route } from '../model/route.ts'
import { judgePeopleAlone } from './policies/apps.ts'
import type { AccessRequest, Criterion, Judged } from './policies/criterion.ts'
import { criteria } from './policies/index.ts'

/** What came of one of the things that a way in asks for. */
export type Asked = Judged & { readonly asks: keyof AccessRule }

/** One way in, and what came of it for whoever asked. */
export interface WayIn {
  /** Its place among the ways of the route, from 0. */
  readonly at: number
  /** Nothing for a rule that asks for nothing: it lets nobody in. */
  readonly judged: readonly Asked[]
}

export type AccessVerdict =
  | { readonly allowed: true; readonly route: Route; readonly way: WayIn }
  /** No route is for what was asked: whatever no route names is denied. */
  | { readonly allowed: false; readonly because: 'no-route' }
  /** Routes are for the path, and none of them for the method: a wider path does not make up for it. */
  | { readonly allowed: false; readonly because: 'method-not-allowed'; readonly methods: readonly string[] }
  | {
      readonly allowed: false
      readonly because: 'denied'
      readonly route: Route
      readonly ways: readonly WayIn[]
      /** What brings whoever asked nearest to a way in. */
      readonly next: AccessRemedy
      /** With `step-up`: the authentication context to ask for. */
      readonly context?: string
    }

/**
 * Says whether a request may pass, by which way in, or what is missing for each. The route with the most specific path
 * decides alone, then the one that names the host, then the one that names the method: what a narrow route denies no wider
 * one allows.
 *
 * Servers read one path in several ways: with regard to letter case or without, with parameters behind a semicolon or
 * without. Each of these readings is judged, and a request passes where all of them may.
 */
export function judgeAccess(routes: readonly Route[], request: AccessRequest): AccessVerdict {
  const asked = { ...request, host: hostOf(request.host) }
  const verdicts = readingsOf(request.path).map((reading) => judgeReading(routes, asked, reading))
  const [first] = verdicts
  return verdicts.find(({ allowed }) => !allowed) ?? first ?? { allowed: false, because: 'no-route' }
}

function judgeReading(routes: readonly Route[], request: AccessRequest, { path, read }: Reading): AccessVerdict {
  const here = routes.filter((route) => isForHost(route, request.host) && isForPath(read(route.path), read(path)))
  const narrowest = here.reduce<Route | undefined>(
    (best, route) => (best === undefined || isNarrower(route, best) ? route : best),
    undefined,
  )
  if (narrowest === undefined) return { allowed: false, because: 'no-route' }
  const alike = here.filter((route) => !isNarrower(narrowest, route))
  const route =
    alike.find(({ methods }) => methods?.includes(request.method)) ?? alike.find(({ methods }) => methods === undefined)
  if (route === undefined) {
    return { allowed: false, because: 'method-not-allowed', methods: alike.flatMap(({ methods = [] }) => methods) }
  }
  const ways = route.allow.map((rule, at): WayIn => ({ at, judged: judgeRule(rule, request) }))
  const open = ways.find(({ judged }) => judged.length > 0 && judged.every(({ ok }) => ok))
  if (open !== undefined) return { allowed: true, route, way: open }
  const [nearest] = ways.toSorted((one, other) => order.indexOf(remedyOf(one)) - order.indexOf(remedyOf(other)))
  const next = nearest === undefined ? 'nothing' : remedyOf(nearest)
  const context = nearest === undefined ? undefined : route.allow[nearest.at]?.authenticationContext
  return {
    allowed: false,
    because: 'denied',
    route,
    ways,
    next,
    ...(next === 'step-up' && context !== undefined && { context }),
  }
}

/** Each criterion that a rule names, in the order of the registry. */
function judgeRule(rule: AccessRule, request: AccessRequest): readonly Asked[] {
  const judged = (Object.keys(criteria) as (keyof AccessRule)[]).flatMap((key) => judgeOne(key, rule, request))
  const isAboutPeople = rule.apps === undefined && judged.some(({ asks }) => ofIdentity.has(asks))
  return isAboutPeople && request.identity !== undefined
    ? [...judged, { asks: 'apps', ...judgePeopleAlone(request) }]
    : judged
}

/** What is asked of whoever signed in; all else is asked of the connection, and of nobody. */
export const ofIdentity: ReadonlySet<keyof AccessRule> = new Set([
  'signedIn',
  'tenants',
  'guests',
  'apps',
  'roles',
  'groups',
  'scopes',
  'authenticationMethods',
  'authenticationContext',
])

/** Generic in the key, by which the compiler knows that the criterion takes the option. */
function judgeOne<K extends keyof AccessRule>(asks: K, rule: AccessRule, request: AccessRequest): readonly Asked[] {
  const option = rule[asks]
  const criterion: Criterion<NonNullable<AccessRule[K]>> = criteria[asks]
  return option === undefined || option === null ? [] : [{ asks, ...criterion.judge(option, request) }]
}

/** What is nearest to a way in stands first. */
const order: readonly AccessRemedy[] = ['step-up', 'sign-in', 'ask', 'nothing']

/** What would open a way: the remedy of what is worst about it, since all has to hold. */
function remedyOf({ judged }: WayIn): AccessRemedy {
  const ranks = judged.flatMap((one) => (one.ok ? [] : [order.indexOf(one.remedy)]))
  return order[Math.max(...ranks)] ?? 'nothing'
}

function isForHost({ hosts }: Route, host: string): boolean {
  return hosts === undefined || hosts.some((one) => hostOf(one) === host)
}

/** A host name as it is compared: without port, without the dot of the root, without regard to case. */
export function hostOf(text: string): string {
  return text.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase()
}

/** One way in which a server may read paths. */
interface Reading {
  readonly path: string
  /** A path, or the pattern of a route, as it is read so. */
  readonly read: (path: string) => string
}

function readingsOf(path: string): readonly Reading[] {
  const bare = path.replaceAll(/(;|%3b)[^/]*/gi, '')
  return (bare === path ? [path] : [path, bare]).flatMap((one) => [
    { path: one, read: folded },
    { path: one, read: decoded },
  ])
}

/** `/a/*` is for `/a` as well. */
function isForPath(pattern: string, path: string): boolean {
  const { base, isExact } = placeOf(pattern)
  return path === base || (!isExact && path.startsWith(`${base}/`))
}

/** What a pattern is for: the path alone, or that and what lies below it. The root is the empty text. */
function placeOf(pattern: string): { readonly base: string; readonly isExact: boolean } {
  const isExact = !pattern.endsWith('/*')
  return { base: isExact ? pattern : pattern.slice(0, -2), isExact }
}

/** Letter by letter, percent-encoded octets by what they stand for; `read` twice it is the same. */
function decoded(path: string): string {
  if (!path.includes('%')) return path
  return path
    .split('/')
    .map((segment) => {
      try {
        return decodeURIComponent(segment)
      } catch {
        return segment
      }
    })
    .join('/')
}

/**
 * As servers compare that do not regard letter case, nor a slash at the end: with letters that look alike mapped to one
 * (NFKC), those that show nothing left out, and the letters that only one of both cases knows (\u0131, \u017f, \u1e9e).
 */
function folded(path: string): string {
  // What most paths are made of is the same in every form: all that follows would be done for nothing, at every request.
  const text = /^[a-z0-9/*._~-]*$/.test(path) ? path : foldedText(path)
  return text.length > 1 && text.endsWith('/') ? text.slice(0, -1) : text
}

function foldedText(path: string): string {
  return decoded(path)
    .normalize('NFKC')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('\u0131', 'i')
    .normalize('NFKC')
}

/** By its path, which the longer is the narrower, then as an exact one, then by naming its hosts. */
function isNarrower(one: Route, other: Route): boolean {
  const ranks = ({ path, hosts }: Route): readonly number[] => {
    const { base, isExact } = placeOf(folded(path))
    return [base.length, isExact ? 1 : 0, hosts === undefined ? 0 : 1]
  }
  const theirs = ranks(other)
  for (const [at, rank] of ranks(one).entries()) {
    const than = theirs[at] ?? 0
    if (rank !== than) return rank > than
  }
  return false
}

/**
 * Two routes of which a request could be for either, and neither is the narrower: which of them decides would hang on
 * their order.
 */
export function areRivals(one: Route, other: Route): boolean {
  const shares = (these: readonly string[] | undefined, those: readonly string[] | undefined): boolean =>
    these === undefined ? those === undefined : those?.some((each) => these.includes(each)) === true
  return (
    folded(one.path) === folded(other.path) &&
    shares(one.hosts?.map(hostOf), other.hosts?.map(hostOf)) &&
    shares(one.methods, other.methods)
  )
}
