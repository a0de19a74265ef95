import assert from 'node:assert/strict'
import { test } from 'node:test'
import { samplePermits } from '../../../../test/samplePermits.ts'
import { sampleProof } from '../../../../test/sampleProof.ts'
import { writerCases } from '../../../../test/writerCases.ts'
import { rangesOfPrefix } from '../../rangesOfPrefix.ts'
import { read, write } from './index.ts'

writerCases({ vendor: 'fortigate', read, write })

const fortigate = { read, write }

test('everything of the sample can be said: names, stars, both families, ranges of ports, echo', () => {
  const { text, written } = sampleProof(fortigate, [])
  assert.match(text, /^ {8}set fqdn "\*\.servicebus\.windows\.net"$/m)
  assert.match(text, /^ {8}set tcp-portrange 88 389 49152-65535$/m)
  assert.match(text, /^ {8}set start-ip 10\.2\.0\.16\n {8}set end-ip 10\.2\.255\.0$/m)
  assert.match(text, /set srcaddr6 "[^"]+"\n {8}set dstaddr6 "[^"]+"/)
  assert.match(text, /^ {8}set comments "\(dc-kerberos, dc-ldap, dc-rpc\) reads the directory"$/m)
  assert.ok(written.duties.some((duty) => /saw resolved/.test(duty)))
})

test('policies, objects and texts are no longer than FortiOS takes them', () => {
  const { text } = sampleProof(fortigate, [])
  const all = [...text.matchAll(/^ {8}set name "(.*)"$/gm)].map(([, name = '']) => name)
  assert.equal(new Set(all).size, all.length)
  assert.ok(all.every((name) => name.length <= 35))
  const long = samplePermits.map((permit) => ({ ...permit, why: 'long '.repeat(600) }))
  const [file] = write(long, [], { site: 'x'.repeat(300), passage: 'forward', places: {}, on: '2026-11-22' }).files
  assert.ok([...(file?.text ?? '').matchAll(/set comments "(.*)"/g)].every(([, said = '']) => said.length <= 1023))
  assert.ok([...(file?.text ?? '').matchAll(/edit "(.*)"/g)].every(([, name = '']) => name.length <= 79))
})

test('interfaces are named where the site says what is behind them, and nothing else opens', () => {
  const places = {
    lan: ['10.1.0.0/16', '2001:db8:1::/48'].flatMap(rangesOfPrefix),
    clients: rangesOfPrefix('10.2.0.0/16'),
    dmz: rangesOfPrefix('192.168.50.0/24'),
  }
  const { text } = sampleProof(fortigate, [], { places })
  assert.match(text, /set srcintf "dmz"\n {8}set dstintf "lan"/)
  assert.match(text, /set srcintf "lan"\n {8}set dstintf "any"/)
})

test('edit 0 makes a policy of its own each time', () => {
  const text = `config firewall policy
    edit 0
        set action accept
    next
    edit 0
        set action deny
    next
end
`
  const [ruleSet] = read([{ name: 'edge.conf', text }], { places: {} }).ruleSets
  assert.deepEqual(
    ruleSet?.chains['policies']?.filter(({ implied }) => implied !== true).map(({ name }) => name),
    ['policy 1', 'policy 2'],
  )
})
