import type { NotPermitted, Permit } from '../../permit.ts'
import type { Writer } from '../../writer.ts'
import { inFamily } from '../../writing/addressTexts.ts'
import { dutiesOf } from '../../writing/dutiesOf.ts'
import { nameOf, plainText } from '../../writing/plainText.ts'
import type { Platform } from '../../writing/rulesToWrite.ts'
import { rulesToWrite } from '../../writing/rulesToWrite.ts'
import { setupDuties } from '../../writing/setupDuties.ts'
import { uncontested } from '../../writing/uncontested.ts'
import { armFile, bicepFile, terraformFile } from './writtenFiles.ts'
import { isRead, ruleCollections } from './writtenRules.ts'

const name = /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)+$/i

/** Names of application rules may begin with a star; those of network rules are looked up, and are the last resort. */
const platform: Platform = {
  called: 'Azure Firewall',
  says: ['names', 'tags', 'prefixes'],
  takesName: (text, permit) =>
    name.test(text) &&
    (isRead(permit) || (!text.startsWith('*') && permit.to.tag === undefined && permit.to.ranges.length === 0)),
}
/** What is closed anyway needs no look-up. */
const closing: Platform = { ...platform, says: ['tags', 'prefixes', 'names'] }

/**
 * Writes a policy with one group of rules: an ARM template, which is what is proven, and Bicep and Terraform rendered from
 * the same rows.
 */
export const write: Writer = (permits, denials, { site, passage, on }) => {
  const carried = permits.filter(hasIpv4)
  const { rules, notSaid } = rulesToWrite(carried.map(inIpv4), passage, platform)
  const { denials: closed, notSaid: contested } = uncontested(
    rulesToWrite(denials.filter(hasIpv4).map(inIpv4), passage, closing).rules,
    rules,
  )
  const collections = ruleCollections(closed, rules)
  const lookedUp = rules.filter((rule) => rule.to.kind === 'names' && !isRead(rule))
  const duties = [
    ...dutiesOf(rules),
    ...setupDuties(rules, ({ id }) => nameOf(`allow-${id}`, '-', 80)),
    ...(lookedUp.length === 0
      ? []
      : [
          'Point the DNS servers of the virtual networks to the private address of the firewall: ' +
            `${lookedUp.length} network ${lookedUp.length === 1 ? 'rule has' : 'rules have'} names, which need its DNS proxy`,
        ]),
  ]
  const policy = {
    name: nameOf(`afwp-${site}`, '-', 80),
    group: nameOf(`rcg-${site}`, '-', 80),
    needsDnsProxy: lookedUp.length > 0,
    collections,
    told: [
      `What ${plainText(site, 60)} asks of Azure Firewall, as postern plan wrote it on ${plainText(on, 30)}.`,
      ...duties.map((duty) => `To do again: ${plainText(duty, 1000)}`),
    ],
  }
  return {
    files: [
      { name: `${policy.name}.json`, text: armFile(policy) },
      { name: `${policy.name}.bicep`, text: bicepFile(policy) },
      { name: `${policy.name}.tf`, text: terraformFile(policy) },
    ],
    notSaid: [...notSaid, ...permits.flatMap(ipv6NotSaid), ...contested],
    duties,
    families: [4],
  }
}

function hasIpv4({ from, to }: Permit): boolean {
  return (
    (from.tag !== undefined || inFamily(from.ranges, 4).length > 0) &&
    (to.ranges.length === 0 || inFamily(to.ranges, 4).length > 0)
  )
}

function inIpv4(permit: Permit): Permit {
  const own = (end: Permit['to']): Permit['to'] => ({ ...end, ranges: inFamily(end.ranges, 4) })
  return { ...permit, from: own(permit.from), to: own(permit.to) }
}

/** Of a permit of both families the other one has its rule. */
function ipv6NotSaid(permit: Permit): readonly NotPermitted[] {
  const { id, flows, from, to } = permit
  const hasIpv6 = inFamily(from.ranges, 6).length > 0 && (to.ranges.length === 0 || inFamily(to.ranges, 6).length > 0)
  if (!hasIpv6 && hasIpv4(permit)) return []
  return flows.map((flow) => ({
    flow,
    ...(hasIpv4(permit) ? {} : { permit: id }),
    why: `Azure Firewall filters IPv4 alone, and ${from.label} opens it over IPv6 as well`,
    instead: 'let IPv6 pass by a network security group',
  }))
}
