import { plainText } from '../../writing/plainText.ts'
import { quoted } from './quoted.ts'
import type { WrittenKeyword, WrittenRule } from './writtenRules.ts'
import { keywordPrefix } from './writtenRules.ts'

interface ScriptParts {
  readonly rules: readonly WrittenRule[]
  readonly keywords: readonly WrittenKeyword[]
  readonly site: string
  readonly group: string
  readonly on: string
  readonly duties: readonly string[]
}

/**
 * The PowerShell script that makes rules and keywords. It takes away what an earlier run made, by its group and by the
 * first part of its keywords' ids, so that it can be run again and again.
 */
export function scriptOf({ rules, keywords, site, group, on, duties }: ScriptParts): string {
  const hasOutbound = rules.some(({ Direction, Action }) => Direction === 'Outbound' && Action === 'Allow')
  const store = keywords.length === 0 ? [] : [`# Keywords of earlier runs, told by their ids.`, ...removal(site), '']
  return [
    '#Requires -Version 5.1',
    '#Requires -RunAsAdministrator',
    '#Requires -Modules NetSecurity',
    `# What ${plainText(site, 60)} asks of this machine's firewall, as postern plan wrote it on ${plainText(on, 30)}.`,
    ...duties.map((duty) => `# To do: ${plainText(duty, 1000)}`),
    'param(',
    '    # The store that the rules go to: the local one, or a policy as DOMAIN\\GPO.',
    `    [string] $PolicyStore = 'PersistentStore'${hasOutbound ? ',' : ''}`,
    ...(hasOutbound
      ? ['    # Blocks outbound what no rule allows, in all profiles.', '    [switch] $CloseOutbound']
      : []),
    ')',
    'Set-StrictMode -Version Latest',
    "$ErrorActionPreference = 'Stop'",
    '',
    '# Rules of earlier runs.',
    'Get-NetFirewallRule -PolicyStore $PolicyStore -ErrorAction SilentlyContinue |',
    `    Where-Object { $_.Group -eq ${quoted(group)} } |`,
    '    Remove-NetFirewallRule',
    '',
    ...store,
    ...keywords.flatMap((keyword) => [...commandLines('New-NetFirewallDynamicKeywordAddress', keyword), '']),
    ...rules.flatMap((rule) => [...commandLines('New-NetFirewallRule', askedOf(rule)), '']),
    ...(hasOutbound ? closing : []),
  ].join('\r\n')
}

const closing = [
  'if ($CloseOutbound) {',
  '    Set-NetFirewallProfile -PolicyStore $PolicyStore -All -Enabled True -DefaultOutboundAction Block',
  '}',
  '',
]

function removal(site: string): readonly string[] {
  return [
    'Get-NetFirewallDynamicKeywordAddress -AllAutoResolve -ErrorAction SilentlyContinue |',
    `    Where-Object { $_.Id -like ${quoted(`{${keywordPrefix(site)}-*`)} } |`,
    '    Remove-NetFirewallDynamicKeywordAddress',
  ]
}

type Value = string | true | readonly string[]

/** What a rule asks: a field that takes anything is left out. */
function askedOf(rule: WrittenRule): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(rule).filter(
      ([name, value]) => name === 'Profile' || (value !== 'Any' && value.length > 0 && value[0] !== 'Any'),
    ),
  )
}

function commandLines(command: string, fields: Readonly<Record<string, Value>> | WrittenKeyword): readonly string[] {
  return [
    '$parameters = @{',
    ...Object.entries(fields).map(([name, value]: [string, Value]) => `    ${name} = ${valueText(value)}`),
    // Keywords are made in the store of the machine alone: their cmdlet takes no other.
    ...(command === 'New-NetFirewallRule' ? ['    PolicyStore = $PolicyStore'] : []),
    '}',
    `${command} @parameters | Out-Null`,
  ]
}

function valueText(value: Value): string {
  if (value === true) return '$true'
  if (typeof value === 'string') return quoted(value)
  const [only, ...more] = value
  if (only !== undefined && more.length === 0) return quoted(only)
  return `@(${value.map((text) => `\r\n        ${quoted(text)}`).join('')}\r\n    )`
}
