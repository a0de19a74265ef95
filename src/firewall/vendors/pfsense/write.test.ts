import assert from 'node:assert/strict'
import { test } from 'node:test'
import { samplePermits } from '../../../../test/samplePermits.ts'
import { sampleProof } from '../../../../test/sampleProof.ts'
import { writerCases } from '../../../../test/writerCases.ts'
import { rangesOfPrefix } from '../../rangesOfPrefix.ts'
import { read, write } from './index.ts'

writerCases({ vendor: 'pfsense', read, write })

const pfsense = { read, write }
const unsaid = 'pta01-to-any-msappproxy-net-tcp-443'

test('names are aliases, lists are aliases and feeds, and a name with a star and no list is told as not said', () => {
  const { text, written } = sampleProof(pfsense, [unsaid])
  assert.match(text, /<type>host<\/type>\n\s*<address>login\.microsoftonline\.com<\/address>/)
  assert.match(text, /<type>network<\/type>\n\s*<address>4\.149\.20\.0\/24 13\.66\.138\.80\/29<\/address>/)
  assert.match(text, /<type>port<\/type>\n\s*<address>88 389 49152:65535<\/address>/)
  assert.match(text, /<descr>\(dc-ping\) answers whether it is there<\/descr>/)
  const feed = written.files.find(({ name }) => name.endsWith('.txt'))
  assert.match(feed?.text ?? '', /^# Azure IP Ranges.* as of 2025-11-06.*\n4\.149\.20\.0\/24\n13\.66\.138\.80\/29\n$/)
  assert.ok(written.duties.some((duty) => /change number 375 \(as of 2025-11-06\)/.test(duty)))
})

test('names of aliases are such as pf takes, and none is there twice', () => {
  const { text } = sampleProof(pfsense, [unsaid])
  const names = [...text.matchAll(/<name>(.*)<\/name>/g)].map(([, name = '']) => name)
  assert.ok(names.length > 3 && names.every((name) => /^[A-Za-z]\w{0,30}$/.test(name)))
  assert.equal(new Set(names).size, names.length)
})

test('rules stand at the interface where the site says what is behind it', () => {
  const places = {
    lan: ['10.1.0.0/16', '2001:db8:1::/48'].flatMap(rangesOfPrefix),
    opt1: rangesOfPrefix('192.168.50.0/24'),
    opt2: rangesOfPrefix('10.2.0.0/16'),
  }
  const { text } = sampleProof(pfsense, [unsaid], { places })
  assert.match(text, /<interface>opt1<\/interface>/)
  assert.doesNotMatch(text, /floating/)
})

test('a reason that a description has no room for stands above the rule', () => {
  const why = `reads --> and writes ${'passwords '.repeat(60)}`
  const options = { site: 'hq', passage: 'forward', places: {}, on: '2026-11-22' } as const
  const [file] = write(
    samplePermits.slice(0, 1).map((permit) => ({ ...permit, why })),
    [],
    options,
  ).files
  assert.match(file?.text ?? '', /<!-- \(aadc-login, aadc-graph\) reads .{500,} -->/)
})
