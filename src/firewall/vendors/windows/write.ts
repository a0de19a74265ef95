import type { Permit } from '../../permit.ts'
import type { Writer } from '../../writer.ts'
import { dutiesOf } from '../../writing/dutiesOf.ts'
import { hostRules } from '../../writing/hostRules.ts'
import { nameOf } from '../../writing/plainText.ts'
import { setupDuties } from '../../writing/setupDuties.ts'
import { scriptOf } from './script.ts'
import { groupOf, writtenKeywords, writtenRules } from './writtenRules.ts'

/**
 * Addresses come before names: a name takes a question to DNS that Defender sees, and Microsoft's page on dynamic keywords
 * says itself to use addresses where they can be had. Names have a star in front or none, and are of the far end: that of
 * an accepting machine is no name.
 */
const platform = {
  called: 'Windows Defender Firewall',
  says: ['prefixes', 'names'],
  takesName: (name: string, { passage }: Permit): boolean =>
    passage !== 'input' && /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)+$/i.test(name),
} as const

/**
 * Writes a PowerShell script that makes the rules, and the same rules as an export of the cmdlets would have them: these
 * are proven, and the script is rendered from them.
 */
export const write: Writer = (permits, denials, { site, passage, on }) => {
  const { allows, denials: closed, notSaid } = hostRules(permits, denials, passage, platform)
  const all = [...closed, ...allows]
  const isOutbound = allows.some((rule) => rule.passage === 'output')
  const rules = writtenRules(all, site)
  const keywords = writtenKeywords(all, site)
  const profiles = ['Domain', 'Private', 'Public'].map((Name) => ({
    Name,
    Enabled: 'True',
    DefaultInboundAction: 'Block',
    DefaultOutboundAction: isOutbound ? 'Block' : 'Allow',
    AllowInboundRules: 'True',
    AllowLocalFirewallRules: 'True',
  }))
  // Filters that a rule does not name are of the kind that asks nothing, and an export says so.
  const told = rules.map((rule) => ({ ...rule, ...unasked }))
  const duties = [
    ...dutiesOf(all),
    ...setupDuties(all, ({ id }) => id),
    ...(keywords.length === 0 ? [] : [defenderNeed]),
    ...(isOutbound ? [outboundDefault] : []),
    ...(rules.length === 0 ? [] : [mergeDuty]),
  ]
  const base = nameOf(site, '-')
  return {
    files: [
      { name: `${base}-windows.json`, text: `${JSON.stringify({ rules: told, keywords, profiles }, undefined, 2)}\n` },
      { name: `${base}-windows.ps1`, text: scriptOf({ rules, keywords, site, on, group: groupOf(site), duties }) },
    ],
    notSaid,
    duties,
  }
}

const unasked = {
  Program: 'Any',
  Service: 'Any',
  InterfaceAlias: 'Any',
  InterfaceType: 'Any',
  Authentication: 'NotRequired',
  Encryption: 'NotRequired',
  LocalUser: 'Any',
  RemoteUser: 'Any',
  RemoteMachine: 'Any',
} as const

const defenderNeed =
  'Rules with names (dynamic keyword addresses) let nothing pass until Microsoft Defender Antivirus with network protection ' +
  'has seen the machine ask DNS for the name: run Set-MpPreference -EnableNetworkProtection Enabled, on servers also ' +
  '-AllowNetworkProtectionOnWinServer 1. DNS over HTTPS, a proxy or a VPN that resolves elsewhere hides the question'

const outboundDefault =
  'Windows allows outbound what no rule blocks: run the script with -CloseOutbound once what else the machine needs has ' +
  'rules as well (Set-NetFirewallProfile -DefaultOutboundAction Block). Until then the rules allow what is open anyway'

const mergeDuty =
  'Each rule has the address of its machine, so that the script may run on all of them. Where group policy turns local rules off ' +
  '(AllowLocalFirewallRules), run it against a policy instead: -PolicyStore takes its domain and its name (dynamic keyword addresses stay with the machine that the script runs on)'
