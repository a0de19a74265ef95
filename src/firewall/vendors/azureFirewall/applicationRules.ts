import type { NamePattern } from '../../namePattern.ts'
import type { Match, NumberRange, Rule } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import type { AzureValue } from '../azure/azureValue.ts'
import { isTrue, listOf } from '../azure/azureValue.ts'
import type { PlacedRule } from './collections.ts'
import type { ReadRule } from './networkRules.ts'
import { actionOf, ruleOf } from './networkRules.ts'
import type { Reservations, RuleContext } from './ruleFields.ts'
import { elementsOf, readAddresses, targetPattern } from './ruleFields.ts'

/** Tag of what the firewall's proxy carries: its source is always translated. */
export const proxied = 'carried by the proxy'

/** What a rule asks of the name, with what nobody knows about it. */
interface Target {
  readonly names?: readonly NamePattern[]
  readonly because: readonly Unknown[]
}

/** Ports of a protocol that the rule names, and whether it is certain that the protocol is spoken there. */
interface Service {
  readonly ports: readonly NumberRange[]
  readonly because: readonly Unknown[]
}

/**
 * An application rule: its name is that of the Host field or of the TLS client's hello, its ports those that it names
 * for HTTP, HTTPS or SQL Server.
 */
export function readApplicationRule(placed: PlacedRule, context: RuleContext): ReadRule {
  const { value } = placed
  const reservations: Reservations = { faults: [], unknowns: [...placed.unknowns] }
  const source = readAddresses(value, 'source', context, reservations)
  if (source === undefined) reservations.faults.push('there is no source')
  const destination = readAddresses(value, 'destination', context, reservations)
  const base: Match = {
    family: 4,
    protocols: [{ first: 6, last: 6 }],
    ...(source !== undefined && { source }),
    ...(destination !== undefined && { destination }),
  }
  const services = readServices(value, context, reservations)
  const targets = readTargets(value, destination !== undefined, context, reservations)
  const action = actionOf(placed, { allow: { kind: 'allow' }, deny: { kind: 'reject' } }, reservations)
  const opensTls = isTrue(value.member('terminateTLS')) && action.kind === 'allow'
  const rules: Rule[] = []
  for (const target of targets) {
    for (const service of services) {
      const match: Match = {
        ...base,
        ...(service.ports.length > 0 && { destinationPorts: service.ports }),
        ...(target.names !== undefined && { requestedNames: target.names }),
      }
      const read = ruleOf(placed, [match], action, reservations)
      rules.push(
        ...read.rules.map((rule) => ({
          ...rule,
          unknowns: [...rule.unknowns, ...target.because, ...service.because],
          ...(action.kind === 'allow' && { sets: proxied }),
          ...(opensTls && { inspectsTls: true as const }),
        })),
      )
    }
  }
  return { rules, faults: reservations.faults }
}

const usualPorts: Readonly<Record<string, number>> = { http: 80, https: 443, mssql: 1433 }
const spoken: Readonly<Record<string, string>> = {
  http: 'HTTP',
  https: 'TLS that names its server',
  mssql: 'the protocol of SQL Server',
}

/** Services at their usual ports together, others one by one: nobody tells what is spoken at those. */
function readServices(value: AzureValue, context: RuleContext, reservations: Reservations): readonly Service[] {
  const { faults, unknowns } = reservations
  const listed = elementsOf(value.member('protocols') ?? value.member('protocol'), context, reservations)
  const usual: NumberRange[] = []
  const others: Service[] = []
  for (const element of listed) {
    const [word = '', number] = (element.text() ?? '').split(/[:=]/)
    const type = (element.member('protocolType')?.text() ?? element.member('type')?.text() ?? word).toLowerCase()
    const port = element.member('port')?.number() ?? (number === undefined ? usualPorts[type] : Number(number))
    if (element.kind === 'unknown') {
      unknowns.push({ kind: 'other', what: element.because ?? 'a template' })
      others.push({ ports: [], because: [] })
    } else if (spoken[type] === undefined || port === undefined || !(port >= 0 && port <= 65535)) {
      faults.push(`a protocol is "${type.slice(0, 40)}" at port ${port ?? 'none'}`)
      others.push({ ports: [], because: [] })
    } else if (usualPorts[type] === port) usual.push({ first: port, last: port })
    else {
      const because: Unknown = { kind: 'application', what: `whether ${spoken[type]} is spoken at port ${port}` }
      others.push({ ports: [{ first: port, last: port }], because: [because] })
    }
  }
  if (listed.length === 0) {
    // A rule of FQDN tags names no protocol: the tag does.
    const isTag = listOf(value.member('fqdnTags') ?? value.member('destinationFqdnTags')).length > 0
    if (!isTag) faults.push('there are no protocols')
    const both = [usualPorts['http'], usualPorts['https']].flatMap((port) =>
      port === undefined ? [] : [{ first: port, last: port }],
    )
    return [{ ports: isTag ? both : [], because: [] }]
  }
  return usual.length === 0 ? others : [{ ports: usual, because: [] }, ...others]
}

/** Names first; then what stands for names that no file holds. Any one of them is enough. */
function readTargets(
  value: AzureValue,
  hasAddresses: boolean,
  context: RuleContext,
  reservations: Reservations,
): readonly Target[] {
  const targets: Target[] = []
  const names: NamePattern[] = []
  const add = (element: AzureValue, text: string | undefined): NamePattern | undefined => {
    const pattern = targetPattern(text ?? '')
    if (pattern !== undefined) return pattern
    if (element.kind === 'unknown')
      targets.push({ because: [{ kind: 'other', what: element.because ?? 'a template' }] })
    else {
      const shown = (text ?? element.kind).slice(0, 60)
      reservations.faults.push(`"${shown}" is no name`)
      targets.push({ because: [{ kind: 'unread', what: `the name "${shown}"` }] })
    }
    return undefined
  }
  for (const element of elementsOf(
    value.member('targetFqdns') ?? value.member('destinationFqdns'),
    context,
    reservations,
  )) {
    const pattern = add(element, element.text())
    if (pattern !== undefined) names.push(pattern)
  }
  if (names.length > 0) targets.unshift({ names, because: [] })
  for (const element of elementsOf(
    value.member('targetUrls') ?? value.member('destinationUrls'),
    context,
    reservations,
  )) {
    const [host, ...path] = (element.text() ?? '').replace(/^https?:\/\//i, '').split('/')
    const pattern = add(element, host)
    const isWhole = path.length === 0 || path.join('/') === '*'
    const because: Unknown = { kind: 'packet', what: `the path of the request: ${element.text() ?? ''}` }
    if (pattern !== undefined) targets.push({ names: [pattern], because: isWhole ? [] : [because] })
  }
  for (const element of elementsOf(
    value.member('fqdnTags') ?? value.member('destinationFqdnTags'),
    context,
    reservations,
  )) {
    targets.push({ because: [{ kind: 'tag', what: `the names of the FQDN tag ${element.text() ?? ''}` }] })
  }
  for (const element of elementsOf(value.member('webCategories'), context, reservations)) {
    targets.push({
      because: [{ kind: 'other', what: `whether the name is of the web category ${element.text() ?? ''}` }],
    })
  }
  if (targets.length > 0) return targets
  if (!hasAddresses) reservations.faults.push('there is no target')
  return [{ because: [] }]
}
