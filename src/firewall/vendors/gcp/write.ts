import type { Writer } from '../../writer.ts'
import { dutiesOf } from '../../writing/dutiesOf.ts'
import { hostRules } from '../../writing/hostRules.ts'
import { nameOf, plainText } from '../../writing/plainText.ts'
import { setupDuties } from '../../writing/setupDuties.ts'
import type { TaggedMachines, WrittenRule, WrittenTraffic } from './writtenRules.ts'
import { writtenRules } from './writtenRules.ts'

const platform = {
  called: 'a VPC firewall rule',
  says: ['prefixes'],
  insteadOfName: 'name it in a network firewall policy (FQDN objects, Cloud NGFW Standard)',
} as const

/**
 * Writes firewall rules of a VPC network: as `gcloud compute firewall-rules list` would show them, which is proven, and
 * from the same rows a script of gcloud commands that can be run again and again.
 */
export const write: Writer = (permits, denials, { site, passage, on }) => {
  const { allows, denials: closed, notSaid } = hostRules(permits, denials, passage, platform)
  const all = [...closed, ...allows]
  const { rules, tags } = writtenRules(all, site)
  const duties = [
    ...dutiesOf(all),
    ...setupDuties(all, ({ id }) => id),
    ...(tags.length === 0 ? [] : [taggingDuty(tags)]),
    ...(rules.some(({ direction, denied }) => direction === 'EGRESS' && isEverything(denied)) ? [restDuty] : []),
    ...(all.some(({ transport }) => transport === 'icmp') ? [icmpDuty] : []),
  ]
  const base = nameOf(site, '-')
  const heading = [
    `What ${site} asks of the VPC network, as postern plan wrote it on ${on}.`,
    ...duties.map((duty) => `To do: ${duty}`),
  ]
  return {
    files: [
      { name: `${base}-gcp.json`, text: `${JSON.stringify(rules, undefined, 2)}\n` },
      { name: `${base}-gcp.sh`, text: scriptOf(rules, heading) },
    ],
    notSaid,
    duties,
    places: Object.fromEntries(
      tags.flatMap(({ tag, machines }) => (machines.length === 0 ? [] : [[tag, machines] as const])),
    ),
  }
}

function isEverything(traffic: readonly WrittenTraffic[] | undefined): boolean {
  return traffic?.some(({ IPProtocol }) => IPProtocol === 'all') === true
}

function taggingDuty(tags: readonly TaggedMachines[]): string {
  const names = tags.map(({ tag }) => tag).join(', ')
  return `Rules know machines by network tags that were made from their names in the site file: give each machine its own with gcloud compute instances add-tags (${names})`
}

const restDuty =
  'Machines with these tags open nothing else: what they need beside (updates, time, monitoring) takes rules of a priority below 65534'

const icmpDuty =
  'A rule cannot tell types of ICMP apart: where an echo request is let pass, every other type is as well'

function scriptOf(rules: readonly WrittenRule[], heading: readonly string[]): string {
  return [
    '#!/bin/sh',
    ...heading.map((line) => `# ${plainText(line, 1000)}`),
    'set -eu',
    'if [ $# -ne 1 ]; then echo "usage: sh $0 NETWORK" >&2; exit 2; fi',
    'network=$1',
    '',
    '# A rule of an earlier run is taken away before it is made anew.',
    'rule() {',
    '  name=$1',
    '  shift',
    '  if gcloud compute firewall-rules describe "$name" > /dev/null 2>&1; then',
    '    gcloud compute firewall-rules delete "$name" --quiet',
    '  fi',
    '  gcloud compute firewall-rules create "$name" --network="$network" "$@"',
    '}',
    '',
    ...rules.flatMap((rule) => [...commandLines(rule), '']),
  ].join('\n')
}

function commandLines(rule: WrittenRule): readonly string[] {
  const { name, description, direction, priority, targetTags, destinationRanges, sourceRanges, allowed, denied } = rule
  const traffic = (allowed ?? denied ?? []).flatMap(({ IPProtocol, ports }) =>
    ports === undefined ? [IPProtocol] : ports.map((port) => `${IPProtocol}:${port}`),
  )
  const ranges = destinationRanges ?? sourceRanges ?? []
  const flags = [
    `--direction=${direction}`,
    `--priority=${priority}`,
    `--action=${allowed === undefined ? 'DENY' : 'ALLOW'}`,
    `--rules=${traffic.join(',')}`,
    `--${direction === 'EGRESS' ? 'destination' : 'source'}-ranges=${ranges.join(',')}`,
    `--target-tags=${targetTags.join(',')}`,
    `--description=${description}`,
  ]
  return [
    `rule ${quoted(name)} \\`,
    ...flags.map((flag, at) => `  ${quoted(flag)}${at === flags.length - 1 ? '' : ' \\'}`),
  ]
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
