import type { Action, Match, Rule } from '../../ruleset.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import type { Unknown } from '../../unknown.ts'
import { isYes, membersOf, nameOf } from './notes.ts'
import type { RuleScope } from './ruleMatch.ts'
import { categoriesOf, conditionsOf, endsOf } from './ruleMatch.ts'
import type { ServiceRow } from './services.ts'

const understood = new Set([
  'from',
  'to',
  'source',
  'destination',
  'source-user',
  'category',
  'application',
  'service',
  'action',
  'rule-type',
  'negate-source',
  'negate-destination',
  'disabled',
  'schedule',
  'hip-profiles',
  'source-hip',
  'destination-hip',
  'source-device',
  'destination-device',
  'target',
  'description',
  'tag',
  'group-tag',
  'audit-comment',
  'uuid',
  'log-start',
  'log-end',
  'log-setting',
  'icmp-unreachable',
  'option',
  'qos',
  'profile-setting',
  'disable-inspect',
  'source-imsi',
  'source-imei',
  'source-nw-slice',
  'saas-user-list',
  'saas-tenant-list',
  'devices',
  'ha-group',
  'disable-server-response-inspection',
  'log-setting-default',
  'rulebase-position',
  'loc',
])

/** Rules of the security rulebase, in their order; disabled ones give nothing. */
export function securityRules(rules: readonly XmlTree[], scope: RuleScope): readonly Rule[] {
  return rules.flatMap((rule) => {
    const strange = scope.notes.strangers(rule, understood)
    return isYes(rule.child('disabled')) ? [] : securityRule(rule, scope, strange)
  })
}

function securityRule(rule: XmlTree, scope: RuleScope, strange: readonly Unknown[]): readonly Rule[] {
  const action = actionOf(rule)
  const { names, unknowns: categories } = categoriesOf(rule, scope)
  const unknowns: Unknown[] = [...strange, ...conditionsOf(rule), ...categories, ...applicationOf(rule)]
  if (action.kind === 'unknown')
    unknowns.push({ kind: 'other', what: `the action "${rule.child('action')?.text() ?? ''}"` })
  if (action.kind === 'allow') unknowns.push(...scope.filter(rule))
  const type = rule.child('rule-type')?.text() ?? 'universal'
  const ends = endsOf(rule, scope)
  const { out: _, ...inZone } = ends
  const match = {
    ...(type === 'intrazone'
      ? { ...inZone, sameZone: true }
      : type === 'interzone'
        ? { ...ends, sameZone: false }
        : ends),
    ...(names !== undefined && { requestedNames: names }),
  }
  const comment = rule.child('description')?.text()
  return withEcho(rule, servicesOf(rule, scope)).map((service) => ({
    name: nameOf(rule),
    span: rule.span(),
    match: { ...match, ...service.match },
    action,
    unknowns: [...unknowns, ...service.unknowns],
    ...(comment !== undefined && comment !== '' && { comment }),
  }))
}

function actionOf(rule: XmlTree): Action {
  switch (rule.child('action')?.text()) {
    case 'allow':
      return { kind: 'allow' }
    // Most applications are dropped by deny, and of some the connection is reset: either way it does not pass.
    case 'deny':
    case 'drop':
    case 'reset-server':
      return { kind: isYes(rule.child('icmp-unreachable')) ? 'reject' : 'drop' }
    case 'reset-client':
    case 'reset-both':
      return { kind: 'reject' }
    default:
      return { kind: 'unknown' }
  }
}

/** Applications that one packet tells: a request for an echo, and its answer. */
const echoes: Readonly<Record<string, { readonly protocol: number; readonly type: number }>> = {
  ping: { protocol: 1, type: 8 },
  ping6: { protocol: 58, type: 128 },
}

/** Rows of services for the echoes that a rule names as its applications; a service of ports is none of them. */
function withEcho(rule: XmlTree, services: readonly ServiceRow[]): readonly (ServiceRow & { readonly match: Match })[] {
  if (!isEchoRule(rule)) return services
  const asked = membersOf(rule.child('application')).flatMap((name) => echoes[name] ?? [])
  return services
    .filter(({ match }) => match.protocols === undefined)
    .flatMap(({ match, unknowns }) =>
      asked.map(({ protocol, type }) => ({
        match: {
          ...match,
          protocols: [{ first: protocol, last: protocol }],
          icmp: [{ type: { first: type, last: type } }],
        },
        unknowns,
      })),
    )
}

function isEchoRule(rule: XmlTree): boolean {
  const names = membersOf(rule.child('application'))
  return names.length > 0 && names.every((name) => Object.hasOwn(echoes, name))
}

/** Applications are told by what is sent after the connection stands, and the lists of their ports change weekly. */
function applicationOf(rule: XmlTree): readonly Unknown[] {
  if (isEchoRule(rule)) return []
  const names = membersOf(rule.child('application'))
  const isAny = names.length === 0 || names.includes('any')
  if (!isAny) {
    return [
      {
        kind: 'application',
        what: `whether the application is ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' or another of the list' : ''}`,
      },
    ]
  }
  const services = membersOf(rule.child('service'))
  return services.includes('application-default')
    ? [{ kind: 'application', what: 'whether the application is on a default port of its own' }]
    : []
}

function servicesOf(rule: XmlTree, scope: RuleScope): readonly ServiceRow[] {
  const names = membersOf(rule.child('service'))
  if (names.length === 0)
    return [{ match: {}, unknowns: [{ kind: 'other', what: '"service", which the rule does not have' }] }]
  return names.includes('application-default') ? [{ match: {}, unknowns: [] }] : scope.services(names)
}

/**
 * What ends the list: within a zone it is allowed, between two it is denied, each as the configuration may say otherwise
 * (`default-security-rules`).
 *
 * @param overrides rulebases that may have it, the nearest first
 */
export function defaultRules(overrides: readonly XmlTree[], fallback: XmlTree): readonly Rule[] {
  return (['intrazone-default', 'interzone-default'] as const).map((name): Rule => {
    const found = overrides
      .flatMap((rulebase) => rulebase.child('default-security-rules', 'rules')?.elements('entry') ?? [])
      .find((entry) => nameOf(entry) === name && entry.child('action') !== undefined)
    const usual: Action = { kind: name === 'intrazone-default' ? 'allow' : 'drop' }
    const action = found === undefined ? usual : actionOf(found)
    return {
      name,
      span: (found ?? fallback).span(),
      match: { sameZone: name === 'intrazone-default' },
      action,
      unknowns: action.kind === 'unknown' ? [{ kind: 'other', what: `the action of ${name}` }] : [],
      ...(found === undefined && { implied: true as const }),
    }
  })
}

const understoodOfAuthentication = new Set([
  ...understood,
  'authentication-enforcement',
  'timeout',
  'log-authentication-timeout',
])

/** Rules that ask people to sign in before what they ask for passes. */
export function authenticationRules(rules: readonly XmlTree[], scope: RuleScope): readonly Rule[] {
  return rules.flatMap((rule) => {
    const strange = scope.notes.strangers(rule, understoodOfAuthentication)
    const how = rule.child('authentication-enforcement')?.text()
    if (isYes(rule.child('disabled'))) return []
    const { names, unknowns } = categoriesOf(rule, scope)
    const match = { ...endsOf(rule, scope), ...(names !== undefined && { requestedNames: names }) }
    const isFree = how === 'default-no-captive-portal' || how === 'no-captive-portal'
    return servicesOf(rule, scope).map(
      (service): Rule => ({
        name: nameOf(rule),
        span: rule.span(),
        match: { ...match, ...service.match },
        action: { kind: isFree ? 'allow' : 'unknown' },
        unknowns: [
          ...strange,
          ...conditionsOf(rule),
          ...unknowns,
          ...service.unknowns,
          ...(isFree ? [] : [{ kind: 'user' as const, what: 'whether the person has signed in at the firewall' }]),
        ],
      }),
    )
  })
}

const understoodOfDecryption = new Set([
  ...understood,
  'type',
  'profile',
  'log-success',
  'log-fail',
  'decryption-broker',
  'packet-broker-profile',
])

/** Rules of the decryption rulebase that are about TLS; the first that matches decides. */
export function decryptionRules(rules: readonly XmlTree[], scope: RuleScope): readonly Rule[] {
  return rules.flatMap((rule) => {
    const strange = scope.notes.strangers(rule, understoodOfDecryption)
    if (isYes(rule.child('disabled')) || rule.child('type', 'ssh-proxy') !== undefined) return []
    const { names, unknowns } = categoriesOf(rule, scope)
    const action = rule.child('action')?.text()
    const opens = action === 'decrypt' || action === 'decrypt-and-forward'
    const isInbound = rule.child('type', 'ssl-inbound-inspection') !== undefined
    const further: readonly Unknown[] = [
      ...(opens && !isInbound ? [predefinedExclusions] : []),
      ...(opens || action === 'no-decrypt' ? [] : [{ kind: 'other' as const, what: `the action "${action ?? ''}"` }]),
    ]
    const match = { ...endsOf(rule, scope), ...(names !== undefined && { requestedNames: names }) }
    const rows = membersOf(rule.child('service')).length === 0 ? [{ match: {}, unknowns: [] }] : servicesOf(rule, scope)
    // TLS is looked for in TCP alone.
    const overTcp = rows.filter(({ match: { protocols } }) => protocols?.some(({ first }) => first === 6) ?? true)
    return overTcp.map(
      (service): Rule => ({
        name: nameOf(rule),
        span: rule.span(),
        match: { protocols: [{ first: 6, last: 6 }], ...match, ...service.match },
        action: { kind: opens ? 'inspect' : 'no-inspection' },
        unknowns: [...strange, ...conditionsOf(rule), ...unknowns, ...service.unknowns, ...further],
      }),
    )
  })
}

const predefinedExclusions: Unknown = {
  kind: 'application',
  what: 'whether the name is among the exclusions from decryption that come with PAN-OS',
}
