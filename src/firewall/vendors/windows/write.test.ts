import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  hostileTexts,
  poisonedPermits,
  sampleDenials,
  sampleOptions,
  samplePermits,
} from '../../../../test/samplePermits.ts'
import { writerCases } from '../../../../test/writerCases.ts'
import { judge, noKnowledge } from '../../judge.ts'
import type { Permit } from '../../permit.ts'
import { rangesOfPrefix } from '../../rangesOfPrefix.ts'
import { read, write } from './index.ts'
import { quoted } from './quoted.ts'

writerCases({ vendor: 'windows', read, write })

const options = { ...sampleOptions, passage: 'output' } as const
const [signIn, ...others] = samplePermits
assert.ok(signIn !== undefined)

type Value = string | true | readonly string[]

/** The calls of the script: PowerShell's literal strings, lists and hash tables, and nothing else. */
function callsIn(script: string, command: string): readonly Readonly<Record<string, Value>>[] {
  const tables = [...script.matchAll(/^\$parameters = @\{\r\n([\s\S]*?)^\}\r\n(\S+) @parameters \| Out-Null\r$/gm)]
  return tables.flatMap(([, body = '', called]) =>
    called === command ? [fieldsIn(body, command === 'New-NetFirewallRule')] : [],
  )
}

function fieldsIn(body: string, isOfStore: boolean): Readonly<Record<string, Value>> {
  const literal = String.raw`'(?:[^'\u2018-\u201b]|['\u2018-\u201b]{2})*'`
  const list = String.raw`@\((?:\r\n {8}${literal})+\r\n {4}\)`
  const field = new RegExp(String.raw`^ {4}(\w+) = (?:(\$true|\$PolicyStore)|(${literal})|(${list}))\r\n`, 'my')
  const fields: Record<string, Value> = {}
  while (field.lastIndex < body.length) {
    const at = field.lastIndex
    const match = field.exec(body)
    assert.ok(match !== null, `not a field: ${body.slice(at, at + 200)}`)
    const [, name = '', word, text, texts] = match
    if (word === '$PolicyStore') {
      assert.ok(isOfStore, 'only rules are made in a store')
      continue
    }
    const found = (texts ?? text ?? '').match(new RegExp(literal, 'g')) ?? []
    const plain = found.map((one) => one.slice(1, -1).replace(/(['\u2018-\u201b])\1/g, '$1'))
    fields[name] = word === '$true' ? true : texts === undefined ? (plain[0] ?? '') : plain
  }
  return fields
}

/** A row of the JSON without what asks nothing, a list of one as its text. */
function asked(row: Readonly<Record<string, string | readonly string[]>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([name, value]) => name === 'Profile' || !['', 'Any', 'NotRequired'].includes(String(value)))
      .map(([name, value]) => [name, value.length === 1 && typeof value !== 'string' ? (value[0] ?? '') : value]),
  )
}

function parts(permits: readonly Permit[], denials: readonly Permit[] = [], more: object = {}) {
  const written = write(permits, denials, { ...options, ...more })
  const [json, script] = written.files
  assert.ok(json !== undefined && script !== undefined)
  const { rules, keywords, profiles } = JSON.parse(json.text)
  return { ...written, rules, keywords, profiles, script: script.text }
}

test('windows: the script has every field of the rules and names that are proven, and no other', () => {
  for (const text of [undefined, ...hostileTexts]) {
    const permits = text === undefined ? samplePermits : poisonedPermits(samplePermits, text)
    const { rules, keywords, script } = parts(permits, sampleDenials, { site: text ?? 'hq', on: text ?? '2026-11-22' })
    assert.ok(rules.length > samplePermits.length)
    assert.deepEqual(callsIn(script, 'New-NetFirewallRule'), rules.map(asked))
    assert.deepEqual(callsIn(script, 'New-NetFirewallDynamicKeywordAddress'), keywords)
  }
})

test('windows: no text of a site file is anything but a comment or a quoted string in the script', () => {
  for (const text of ["'; Remove-Item C:\\ -Recurse #", '\u2019\r\nreboot #', '$(reboot)`n"@', '#>\nreboot']) {
    const { script } = parts(poisonedPermits(samplePermits, text), sampleDenials, { site: text, on: text })
    assert.doesNotMatch(script, /[^\x20-\x7e\r\n]/)
    assert.doesNotMatch(script, /^\s*(reboot|Remove-Item)/m)
    assert.doesNotMatch(script, /\$\(|`/)
  }
})

test('windows: a quote of any kind is doubled within quotes', () => {
  for (const [text, expected] of [
    ['plain', "'plain'"],
    ["it's", "'it''s'"],
    ['\u2018a\u2019\u201ab\u201b', "'\u2018\u2018a\u2019\u2019\u201a\u201ab\u201b\u201b'"],
    ['$(x) `n "', "'$(x) `n \"'"],
  ] as const) {
    assert.equal(quoted(text), expected)
  }
})

test('windows: with the default that the script sets, what nobody asked for is blocked', () => {
  const { files } = parts([signIn])
  const [ruleSet] = read(files.slice(0, 1), { places: {} }).ruleSets
  assert.ok(ruleSet !== undefined)
  const asked = { source: signIn.from.ranges, transport: 'tcp', request: 'connect' } as const
  const other = { ...asked, destination: rangesOfPrefix('198.51.100.7'), ports: [{ first: 443, last: 443 }] }
  assert.equal(judge(ruleSet, other, 'output', noKnowledge).verdict, 'deny')
})

test('windows: rules are found by their group, and names by their ids, and taken away before they are made', () => {
  const { script, keywords } = parts(samplePermits)
  const [first] = keywords
  assert.ok(script.indexOf('Remove-NetFirewallRule') < script.indexOf('New-NetFirewallRule'))
  assert.match(script, /\$_\.Group -eq 'Postern hq' \} \|\r\n {4}Remove-NetFirewallRule\r\n/)
  assert.ok(script.includes(`$_.Id -like '${first.Id.slice(0, 9)}-*' }`))
  assert.ok(callsIn(script, 'New-NetFirewallRule').every(({ Group }) => Group === 'Postern hq'))
})

test('windows: each name has one id, the same every time, and the need of Defender is told', () => {
  const { keywords, duties } = parts(samplePermits)
  const ids = keywords.map(({ Id }: { Id: string }) => Id)
  assert.equal(new Set(ids).size, 2)
  for (const id of ids) assert.match(id, /^\{[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}\}$/)
  assert.deepEqual(parts(samplePermits.toReversed()).keywords.toReversed(), keywords)
  assert.match(duties.join('\n'), /network protection/)
  assert.doesNotMatch(parts([signIn]).duties.join('\n'), /Defender Antivirus/)
})

test('windows: an accepting machine gets inbound rules with its own ports, and its outbound default stays', () => {
  const { rules, profiles, script } = parts([
    { ...signIn, to: { label: 'dc01', ranges: rangesOfPrefix('10.1.0.5') }, passage: 'input' },
  ])
  assert.deepEqual([rules[0].Direction, rules[0].LocalPort, rules[0].RemotePort], ['Inbound', ['443'], ['Any']])
  assert.equal(profiles[0].DefaultOutboundAction, 'Allow')
  assert.doesNotMatch(script, /CloseOutbound/)
})

test('windows: that outbound allows need a default that blocks is told, and the script has it as a switch', () => {
  const { script, duties } = parts(samplePermits)
  assert.match(script, /if \(\$CloseOutbound\) \{\r\n {4}Set-NetFirewallProfile .* -DefaultOutboundAction Block\r\n/)
  assert.match(duties.join('\n'), /-CloseOutbound/)
  assert.match(duties.join('\n'), /set-up is done.*wap01-to-adfs-tcp-443/)
})

test('windows: a denial by addresses that would shut what must pass is not written', () => {
  const denial = { ...signIn, id: 'deny-legacy', to: { ...signIn.to, name: 'legacy.example.com' } }
  const { rules, notSaid } = parts([signIn], [denial])
  assert.equal(rules.length, 1)
  assert.deepEqual(new Set(notSaid.map(({ permit }) => permit)), new Set(['deny-legacy']))
  assert.match(notSaid[0]?.why ?? '', /would shut sync01-to-login/)
})

test('windows: a name that no keyword can have is not said', () => {
  const accepting: Permit = {
    ...signIn,
    to: { label: 'dc01', name: 'dc01.corp.example', ranges: [] },
    passage: 'input',
  }
  assert.equal(parts([accepting]).notSaid.length, signIn.flows.length)
  const named = (name: string): Permit => ({ ...signIn, to: { label: name, name, ranges: [] } })
  for (const name of ['adhs*.example.com', 'single', "a'b.example.com", 'a b.example.com', '*.*.example.com']) {
    assert.equal(parts([named(name)]).notSaid.length, signIn.flows.length, name)
  }
  assert.equal(parts([named('*.example.com')]).notSaid.length, 0)
})

test('windows: a list is rules of a thousand addresses at most, and a whole family is a range', () => {
  const many = Array.from({ length: 2500 }, (_, at) => rangesOfPrefix(`10.${at >> 8}.${at & 255}.2`)).flat()
  const to = (...prefixes: readonly string[]) => ({ label: 'far', ranges: prefixes.flatMap(rangesOfPrefix) })
  const { rules } = parts([
    { ...signIn, to: { label: 'many', ranges: many } },
    { ...signIn, id: 'all4', to: to('0.0.0.0/0') },
  ])
  const lists = rules.map(({ RemoteAddress }: { RemoteAddress: readonly string[] }) => RemoteAddress)
  assert.deepEqual(
    lists.map(({ length }: readonly string[]) => length),
    [1000, 1000, 500, 1],
  )
  assert.deepEqual(lists[3], ['0.0.0.0-255.255.255.255'])
  assert.deepEqual(parts([{ ...signIn, to: to('0.0.0.0/0', '::/0') }]).rules[0].RemoteAddress, ['Any'])
})

test('windows: a description is no longer than Windows takes, and its flows come first', () => {
  const { rules } = parts([{ ...signIn, why: 'word '.repeat(5000) }, ...others])
  assert.ok(rules[0].Description.length <= 1000)
  assert.match(rules[0].Description, /^\(aadc-login, aadc-graph\) word/)
})
