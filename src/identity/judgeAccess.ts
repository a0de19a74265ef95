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
 * decides alone, then the one that names the host: what a narrow route denies no wider one allows.
 */
export function judgeAccess(routes: readonly Route[], request: AccessRequest): AccessVerdict {
  const here = routes.filter((route) => isForHost(route, request.host) && isForPath(route.path, request.path))
  const narrowest = here.reduce<Route | undefined>(
    (best, route) => (best === undefined || isNarrower(route, best) ? route : best),
    undefined,
  )
  if (narrowest === undefined) return { allowed: false, because: 'no-route' }
  const alike = here.filter((route) => !isNarrower(narrowest, route))
  const route = alike.find(({ methods }) => methods === undefined || methods.includes(request.method))
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
  const isAboutPeople = judged.length > 0 && rule.anonymous === undefined && rule.apps === undefined
  return isAboutPeople && request.identity !== undefined
    ? [...judged, { asks: 'apps', ...judgePeopleAlone(request) }]
    : judged
}

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
  return hosts === undefined || hosts.includes(host)
}

/**
 * Without regard to case and to a slash at the end: a server that has none would find behind one spelling what was judged
 * by another. `/a/*` is for `/a` as well.
 */
function isForPath(pattern: string, path: string): boolean {
  const { base, isExact } = placeOf(pattern)
  const given = folded(path)
  return given === base || (!isExact && given.startsWith(`${base}/`))
}

/** What a pattern is for: the path alone, or that and what lies below it. The root is the empty text. */
function placeOf(pattern: string): { readonly base: string; readonly isExact: boolean } {
  const isExact = !pattern.endsWith('/*')
  return { base: folded(isExact ? pattern : pattern.slice(0, -2)), isExact }
}

/** Percent-encoded letters outside ASCII are compared by what they stand for. */
function folded(path: string): string {
  const bare = path.endsWith('/') ? path.slice(0, -1) : path
  try {
    return decodeURI(bare).toLowerCase()
  } catch {
    return bare.toLowerCase()
  }
}

/** By its path, which the longer is the narrower, then as an exact one, then by naming its hosts. */
function isNarrower(one: Route, other: Route): boolean {
  const ranks = ({ path, hosts }: Route): readonly number[] => {
    const { base, isExact } = placeOf(path)
    return [base.length, isExact ? 1 : 0, hosts === undefined ? 0 : 1]
  }
  const theirs = ranks(other)
  for (const [at, rank] of ranks(one).entries()) {
    const than = theirs[at] ?? 0
    if (rank !== than) return rank > than
  }
  return false
}
