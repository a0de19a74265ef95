import type { Route, RuleSet } from '../../ruleset.ts'
import type { ConfigurationFile, Span } from '../../source.ts'
import { doubtsOf } from '../../text/doubtsOf.ts'
import { linesIn } from '../../text/linesIn.ts'
import type { Statements } from '../../text/statements.ts'
import { cidrRange } from '../cidrRange.ts'
import { netmaskRange } from '../netmaskRange.ts'
import { pastTunnel, routesPast, tunnelPlace, tunnelPlaces } from '../tunnelRoutes.ts'

/** Whether a text has the client's own list of routes. */
export function hasRouteDetails(text: string): boolean {
  return /^[ \t]*(Non-)?Secured Routes\b/im.test(text)
}

/** Reads the client's route details: rows under `Secured Routes` go into the tunnel, those under `Non-Secured Routes` past it. */
export function ruleSetOfDetails(file: ConfigurationFile, statements: Statements): RuleSet | undefined {
  const tunnel = tunnelPlace('client')
  const routes: Route[] = []
  let out: string | undefined
  let first: Span | undefined
  for (const line of linesIn(file)) {
    const text = line.text.trim()
    const heading = /^(Non-)?Secured Routes\b/i.exec(text)
    if (heading !== null) {
      out = heading[1] === undefined ? tunnel : pastTunnel
      first ??= line.span()
      continue
    }
    if (text === '' || out === undefined) continue
    const [address = '', mask = ''] = text.split(/[\s/]+/)
    const to = mask.includes('.')
      ? netmaskRange(address, mask)
      : mask === ''
        ? undefined
        : cidrRange(`${address}/${mask}`)
    if (to !== undefined) {
      statements.understood()
      routes.push({ to, out, kind: 'unicast', span: line.span() })
    } else if (/^[\d.]+[\s/]|^[0-9a-f]*:[0-9a-f:]*\//i.test(text))
      statements.unread(line.span(), 'the row is no network')
    else if (!/^(destination|subnet mask)\b/i.test(text)) out = undefined
  }
  if (first === undefined) return undefined
  return {
    vendor: 'anyconnect',
    name: file.name,
    stages: [],
    chains: {},
    places: tunnelPlaces(new Map([[tunnel, []]])),
    routes: [...routes, ...routesPast(first)],
    doubts: doubtsOf(statements.coverage().unread),
  }
}
