import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import {
  hostileTexts,
  poisonedPermits,
  sampleDenials,
  sampleOptions,
  samplePermits,
} from '../../../../test/samplePermits.ts'
import { writerCases } from '../../../../test/writerCases.ts'
import type { Permit } from '../../permit.ts'
import { rangesOfPrefix } from '../../rangesOfPrefix.ts'
import { read, write } from './index.ts'
import type { WrittenRule } from './writtenRules.ts'

writerCases({ vendor: 'gcp', read, write })

const options = { ...sampleOptions, passage: 'output' } as const
const [signIn] = samplePermits
assert.ok(signIn !== undefined)

function parts(permits: readonly Permit[], denials: readonly Permit[] = [], more: object = {}) {
  const written = write(permits, denials, { ...options, ...more })
  const [json, script] = written.files
  assert.ok(json !== undefined && script !== undefined)
  const rules: readonly WrittenRule[] = JSON.parse(json.text)
  return { ...written, rules, script: script.text }
}

/** A program of the name `gcloud` that writes its arguments down, and knows a rule once it was made. */
function runScript(t: TestContext, script: string, times: number): readonly (readonly string[])[] {
  const folder = mkdtempSync(join(tmpdir(), 'postern-gcp-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const program = [
    '#!/bin/sh',
    `if [ "$3" = describe ]; then [ -e '${folder}'/rule-"$4" ]; exit; fi`,
    `if [ "$3" = delete ]; then rm '${folder}'/rule-"$4"; exit; fi`,
    `: > '${folder}'/rule-"$4"`,
    `for each in "$@"; do printf '%s\\0' "$each"; done >> '${folder}/calls'`,
    `printf '\\1' >> '${folder}/calls'`,
  ]
  writeFileSync(join(folder, 'gcloud'), `${program.join('\n')}\n`)
  chmodSync(join(folder, 'gcloud'), 0o755)
  writeFileSync(join(folder, 'script.sh'), script)
  for (let time = 0; time < times; time += 1) {
    const { status, stderr } = spawnSync('/bin/sh', [join(folder, 'script.sh'), 'net-1'], {
      env: { PATH: `${folder}:/usr/bin:/bin` },
      encoding: 'utf8',
      timeout: 60_000,
    })
    assert.deepEqual([status, stderr], [0, ''])
  }
  const calls = readFileSync(join(folder, 'calls'), 'utf8').split('\u0001').slice(0, -1)
  return calls.map((call) => call.split('\0').slice(0, -1))
}

/** What a call of `firewall-rules create` makes, as the list of rules would show it. */
function madeBy([, , , name = '', ...flags]: readonly string[]): Omit<WrittenRule, 'network' | 'kind' | 'disabled'> {
  const value = (flag: string): string =>
    flags.find((one) => one.startsWith(`--${flag}=`))?.slice(flag.length + 3) ?? ''
  const byProtocol = Map.groupBy(value('rules').split(','), (rule) => rule.replace(/:.*/, ''))
  const traffic = [...byProtocol].map(([IPProtocol, rules]) => ({
    IPProtocol,
    ...(rules[0]?.includes(':') === true && { ports: rules.map((rule) => rule.replace(/.*:/, '')) }),
  }))
  const isEgress = value('direction') === 'EGRESS'
  assert.equal(flags.length, 8)
  assert.equal(value('network'), 'net-1')
  return {
    name,
    description: value('description'),
    direction: isEgress ? 'EGRESS' : 'INGRESS',
    priority: Number(value('priority')),
    targetTags: value('target-tags').split(','),
    ...(isEgress
      ? { destinationRanges: value('destination-ranges').split(',') }
      : { sourceRanges: value('source-ranges').split(',') }),
    ...(value('action') === 'ALLOW' ? { allowed: traffic } : { denied: traffic }),
  }
}

function shown({ network, kind, disabled, ...rule }: WrittenRule): Omit<WrittenRule, 'network' | 'kind' | 'disabled'> {
  assert.deepEqual([network, kind, disabled], ['global/networks/NETWORK', 'compute#firewall', false])
  return rule
}

test('gcp: the script makes what is proven, whatever the texts are, and can be run again', (t) => {
  for (const text of [undefined, "'; touch broken; '$(reboot)`id`\n\"\\ --quiet"]) {
    const permits = text === undefined ? samplePermits : poisonedPermits(samplePermits, text)
    const { rules, script } = parts(permits, sampleDenials, { site: text ?? 'hq', on: text ?? '2026-11-22' })
    const calls = runScript(t, script, 2)
    const expected = rules.map(shown)
    assert.deepEqual(calls.map(madeBy), [...expected, ...expected])
  }
})

test('gcp: names, tags, descriptions and numbers of ranges are what Google takes', () => {
  const many = Array.from({ length: 600 }, (_, at) => rangesOfPrefix(`20.${at >> 8}.${at & 255}.2`)).flat()
  for (const text of ['hq', 'x'.repeat(80), ...hostileTexts]) {
    const permits = poisonedPermits(
      [...samplePermits, { ...signIn, id: 'many', to: { label: 'many', ranges: many } }],
      text,
    )
    const { rules } = parts(
      permits.map((permit) => ({ ...permit, why: `${text} `.repeat(500) })),
      sampleDenials,
      { site: text },
    )
    assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length)
    for (const { name, targetTags, description, destinationRanges = [] } of rules) {
      for (const one of [name, ...targetTags]) assert.match(one, /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/)
      assert.ok(description.length <= 1000)
      assert.ok(destinationRanges.length <= 256)
      // One rule has ranges of one family.
      assert.equal(new Set(destinationRanges.map((range) => range.includes(':'))).size, 1)
    }
  }
})

test('gcp: what machines with outbound rules do not need is denied behind them, and it is told', () => {
  const { rules, duties } = parts(samplePermits)
  const rest = rules.filter(({ priority }) => priority === 65534)
  assert.deepEqual(
    rest.map(({ destinationRanges, denied }) => [destinationRanges, denied]),
    [
      [['0.0.0.0/0'], [{ IPProtocol: 'all' }]],
      [['::/0'], [{ IPProtocol: 'all' }]],
    ],
  )
  assert.match(duties.join('\n'), /open nothing else/)
  assert.match(duties.join('\n'), /add-tags \(postern-hq-sync01, /)
  assert.match(duties.join('\n'), /types of ICMP/)
})

test('gcp: denials stand before allows, and both before rules of the usual priority', () => {
  const { rules } = parts(samplePermits, sampleDenials)
  const of = (which: 'allowed' | 'denied'): readonly number[] => [
    ...new Set(rules.filter((rule) => rule[which] !== undefined).map(({ priority }) => priority)),
  ]
  assert.deepEqual([of('denied'), of('allowed')], [[800, 65534], [900]])
})

test('gcp: a machine that accepts gets ingress rules alone, and opens what it did', () => {
  const to = { label: 'dc01', ranges: rangesOfPrefix('10.1.0.5') }
  const { rules, places } = parts([{ ...signIn, to, passage: 'input' }])
  assert.deepEqual(
    rules.map(({ direction, sourceRanges, targetTags }) => [direction, sourceRanges, targetTags]),
    [['INGRESS', ['10.1.0.10/32'], ['postern-hq-dc01']]],
  )
  assert.deepEqual(places, { 'postern-hq-dc01': to.ranges })
})

test('gcp: names are said nowhere, and where they can be said is told', () => {
  const { notSaid } = parts(samplePermits)
  const named = notSaid.find(({ permit }) => permit === 'pta01-to-any-msappproxy-net-tcp-443')
  assert.match(named?.instead ?? '', /network firewall policy \(FQDN objects/)
})
