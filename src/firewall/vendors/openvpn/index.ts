import type { Reader } from '../../reader.ts'
import type { RuleSet } from '../../ruleset.ts'
import type { ConfigurationFile } from '../../source.ts'
import { doubtsOf, fewDoubts } from '../../text/doubtsOf.ts'
import type { Statements } from '../../text/statements.ts'
import { countStatements } from '../../text/statements.ts'
import { cidrRange } from '../cidrRange.ts'
import { pastTunnel, routesPast, tunnelPlace, tunnelPlaces } from '../tunnelRoutes.ts'
import type { Directive } from './directives.ts'
import { directivesOf, harmless, wordsOf } from './directives.ts'
import type { OpenvpnState } from './openvpnState.ts'
import { applyRouting } from './openvpnState.ts'
import { isAccepted, openPushes } from './pulled.ts'

/**
 * Reads OpenVPN as a client has it: its own file, what the file of a server pushes, or both, the client's filters
 * applied. What is in no route goes past the tunnel. Where a client pulls and no server's file is given, everything
 * depends on what is pushed.
 *
 * More specific routes of the machine come before those of the tunnel: they are not in the file.
 */
export const read: Reader = (files) => {
  const statements = countStatements()
  const read = files.map((file) => ({ file, directives: directivesOf(file) }))
  const servers = read.filter(({ directives }) => isServer(directives))
  const clients = read.filter(({ directives }) => !isServer(directives) && directives.length > 0)
  const [first] = [...clients, ...servers]
  if (first === undefined) return { ruleSets: [], coverage: statements.coverage() }
  const own = clients.flatMap(({ directives }) => directives)
  const state: OpenvpnState = {
    tunnel: tunnelPlace(nameOf(first.file)),
    routes: [],
    own: [],
    rules: [],
    doubts: [],
    remotes: [],
    redirectsPast: false,
  }
  for (const directive of own) applyOwn(directive, state, statements)
  for (const { directives } of servers)
    for (const directive of directives) applyServer(directive, own, state, statements)
  const open = servers.length === 0 ? openPushes(own) : undefined
  if (open !== undefined) state.doubts.push(open)
  const [start] = first.directives
  if (start === undefined) return { ruleSets: [], coverage: statements.coverage() }
  if (state.redirectsPast) {
    for (const { to, span } of state.remotes) state.routes.push({ to, out: pastTunnel, kind: 'unicast', span })
  }
  const coverage = statements.coverage()
  const isFiltered = state.rules.length > 0
  const ruleSet: RuleSet = {
    vendor: 'openvpn',
    name: nameOf(first.file),
    stages: isFiltered
      ? [
          {
            name: 'what the client blocks',
            hook: 'output',
            kind: 'filter',
            chain: 'blocked',
            otherwise: { action: 'allow', name: 'not blocked by the client' },
            stateful: true,
            addresses: 'current',
          },
        ]
      : [],
    chains: isFiltered ? { blocked: state.rules } : {},
    places: tunnelPlaces(new Map([[state.tunnel, state.own]])),
    routes: [...state.routes, ...routesPast(start.span)],
    doubts: [...fewDoubts(state.doubts), ...doubtsOf(coverage.unread)],
  }
  return { ruleSets: [ruleSet], coverage }
}

function isServer(directives: readonly Directive[]): boolean {
  return directives.some(
    ({ name, words }) =>
      /^(server(-ipv6|-bridge)?|push|tls-server)$/.test(name) || (name === 'mode' && words[0] === 'server'),
  )
}

function nameOf({ name }: ConfigurationFile): string {
  const base = name.replace(/^.*[\\/]/, '').replace(/\.(ovpn|conf|txt)$/i, '')
  return base === '' || base === '-' ? 'openvpn' : base
}

function applyOwn(given: Directive, state: OpenvpnState, statements: Statements): void {
  if (given.fault !== undefined) {
    statements.unread(given.span, given.fault)
    return
  }
  // `setenv opt X`: the directive X, where the version knows it.
  const isOptional = given.name === 'setenv' && given.words[0]?.toLowerCase() === 'opt' && given.words.length > 1
  const directive = isOptional ? { ...given, name: given.words[1] ?? '', words: given.words.slice(2) } : given
  const { name, words, span } = directive
  const applied = applyRouting(directive, state)
  if (applied === 'done') statements.understood()
  else if (applied !== 'other') statements.unread(span, applied.fault)
  else if (name === 'remote') {
    const to = cidrRange(words[0] ?? '')
    if (to !== undefined) state.remotes.push({ to, span })
    statements.understood()
  } else if (name === 'up' || name === 'route-up' || name === 'plugin') {
    state.doubts.push({ kind: 'unread', what: `what the script of "${name}" does in line ${span.line}` })
    statements.understood()
  } else if (name === 'route-noexec') {
    state.doubts.push({ kind: 'unread', what: 'which routes a script sets (route-noexec)' })
    statements.understood()
  } else if (name === 'pull-filter') {
    if (/^(accept|ignore|reject)$/.test(words[0] ?? '') && words.length === 2) statements.understood()
    else statements.unread(span, 'pull-filter has an action (accept, ignore, reject) and one text')
  } else if (name === 'route-nopull' || name === 'setenv' || name === 'setenv-safe' || harmless.has(name)) {
    statements.understood()
  } else statements.unread(span, `the directive "${name.slice(0, 40)}" is not known`)
}

/** Of a server's file what reaches its clients; its own routes lead to them and not from them. */
function applyServer(
  directive: Directive,
  client: readonly Directive[],
  state: OpenvpnState,
  statements: Statements,
): void {
  const { name, words, span, fault } = directive
  if (fault !== undefined) statements.unread(span, fault)
  else if (name === 'push') {
    const pushed = wordsOf(words.join(' '))
    const text = words.join(' ').trim()
    if (!isAccepted(text, client)) {
      statements.understood()
      return
    }
    const [what = ''] = pushed
    const applied = applyRouting({ name: what, words: pushed.slice(1), span }, state)
    if (applied === 'done' || (applied === 'other' && (harmless.has(what) || what === 'route-nopull')))
      statements.understood()
    else statements.unread(span, applied === 'other' ? `the pushed "${what.slice(0, 40)}" is not known` : applied.fault)
  } else if (name === 'server' || name === 'server-ipv6') {
    const applied = applyRouting(directive, state)
    if (typeof applied === 'string') statements.understood()
    else statements.unread(span, applied.fault)
  } else if (name === 'client-config-dir' || name === 'client-connect' || name === 'plugin') {
    state.doubts.push({ kind: 'dynamic-set', what: `what ${name} pushes to single clients (line ${span.line})` })
    statements.understood()
  } else if (name === 'config') statements.unread(span, 'another file is read in by "config"')
  else statements.understood()
}
