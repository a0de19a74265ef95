import { isLoopback, isPrivate, parseAddress } from '../model/cidr.ts'
import { hostPort } from '../model/hostPort.ts'
import type { HttpExchange } from '../model/observation.ts'
import { deviceOfPage } from './devices.ts'
import { hasAddresses, isBlank, outside, resolverOf } from './resolverAnswers.ts'
import type { Match } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { listed } from './wording.ts'

/**
 * The resolver of this machine sends the name elsewhere than resolvers outside do, and what is there is not the name's.
 * Addresses that differ and certificates that are right on both sides are load balancing.
 */
export function splitBrain(seen: Seen): Match | undefined {
  const { lookups, shaken, stop, flow, otherAddresses, connects } = seen
  const used = lookups.worked.filter((one) => !isBlank(one))
  const answers = used.flatMap((one) => one.answers)
  if (answers.length === 0 || used.some(({ aliases }) => aliases.some((alias) => /(^|\.)privatelink\./i.test(alias)))) {
    return undefined
  }
  const controls = outside(seen).filter(hasAddresses)
  const given = controls.flatMap((one) => one.answers)
  const differs = given.length > 0 && !given.some((answer) => answers.includes(answer))
  const inside = answers.every(isInside)
  const outward = given.length > 0 && !given.some(isInside)
  const isPublicName = flow.direction === 'outbound-internet' || seen.chain?.expectation === 'microsoft'
  const elsewhere = otherAddresses.filter(({ address }) => given.includes(address))
  const right = elsewhere.filter(({ nameMatches }) => nameMatches === true)
  const wrongThereToo = elsewhere.some(({ nameMatches }) => nameMatches === false)
  // What says of itself that it blocks is where a filter leads; no zone was overridden.
  if (wrongNameAtBlockPage(seen)) return undefined
  const device = [...seen.exchanges.worked, ...seen.plainExchanges].find((one) => deviceOfPage(one) !== undefined)
  const wrongName = shaken?.nameMatches === false
  const speaksOtherwise = stop?.phase === 'tls' && stop.failed.every(({ outcome }) => outcome === 'not-tls')
  const wrong = wrongName || speaksOtherwise || (device !== undefined && isPublicName && inside)
  const dead = stop?.phase === 'connect' || stop?.phase === 'tls'
  if (wrongThereToo || !(wrong || dead)) return undefined

  const at = `${listed([...new Set(used.map(resolverOf))])} gives ${listed(answers)} for ${flow.target.name}`
  const fix = `remove the record or zone that answers for ${flow.target.name} on ${listed(used.map(resolverOf))}, or forward the name`
  const nextProbe = `look for a zone, host record or hosts-file line for ${flow.target.name}`
  const decidedBy = idsOf(used, controls, connects.failed, shaken ? [shaken] : [], stop?.failed ?? [], right)
  if (!differs) {
    // A public name at a private address with another's certificate: two kinds of evidence, and no control resolver.
    if (!(wrongName && inside && isPublicName && given.length === 0)) return undefined
    return {
      confidence: 'likely',
      says: `${at}, a private address for a public name, and the certificate there is of another name`,
      fix,
      alternatives: ['wrong-target-dnat', 'name-mismatch'],
      nextProbe,
      decidedBy,
    }
  }
  const control = `${listed(controls.map(resolverOf))} gives ${listed(given)}`
  if (wrong) {
    const sure = right.length > 0 || (isPublicName && inside && outward)
    return {
      confidence: sure ? 'certain' : 'likely',
      says: `${at}, ${control}; what answers at ${hostPort(seen.address ?? answers[0] ?? '', flow.target.port)} is not ${flow.target.name}${right.length > 0 ? ', and what answers at the other address is' : ''}`,
      fix,
      alternatives: sure
        ? isPublicName
          ? // The page of a device may be where a DNS filter sends what it blocks.
            device === undefined
            ? []
            : ['resolver-filters']
          : ['name-mismatch']
        : [...(isPublicName ? (['resolver-filters'] as const) : []), 'name-mismatch', 'wrong-target-dnat'],
      nextProbe,
      decidedBy,
    }
  }
  if (!(isPublicName && inside && outward)) return undefined
  return {
    confidence: 'likely',
    says: `${at}, a private address for a public name, and nothing serves it there; ${control}`,
    fix,
    alternatives: ['filtered-silently', 'no-route'],
    nextProbe,
    decidedBy,
  }
}

/** Whether what answers under the name shows another's certificate, and a page that says that it blocks. */
export function wrongNameAtBlockPage({ shaken, exchanges }: Seen): boolean {
  return shaken?.nameMatches === false && exchanges.worked.some(isBlockPage)
}

/** How filters title their pages. */
const blocking = /\b(blocked|blocking|denied|restricted|filtered|forbidden|not allowed|prohibited)\b/i

export function isBlockPage({ body }: HttpExchange): boolean {
  return body.kind === 'html' && blocking.test(body.title ?? '')
}

function isInside(text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && (isPrivate(address) || isLoopback(address))
}
