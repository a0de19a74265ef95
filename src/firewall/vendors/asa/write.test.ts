import assert from 'node:assert/strict'
import { test } from 'node:test'
import { samplePermits } from '../../../../test/samplePermits.ts'
import { sampleProof } from '../../../../test/sampleProof.ts'
import { writerCases } from '../../../../test/writerCases.ts'
import { read, write } from './index.ts'

writerCases({ vendor: 'asa', read, write })

const asa = { read, write }
const unsaid = 'pta01-to-any-msappproxy-net-tcp-443'

test('names are objects, lists stand for names with a star, and one without a list is told as not said', () => {
  const { text, written } = sampleProof(asa, [unsaid])
  assert.match(text, /^ fqdn v4 login\.microsoftonline\.com$/m)
  assert.match(text, /^ fqdn v6 login\.microsoftonline\.com$/m)
  assert.match(text, /^ network-object 4\.149\.20\.0 255\.255\.255\.0$/m)
  assert.match(text, /^ port-object range 49152 65535$/m)
  assert.match(text, /^ range 10\.2\.0\.16 10\.2\.255\.0$/m)
  assert.match(text, /^access-list hq-postern extended permit icmp6 host 2001:db8:1::10 host 2001:db8:1::5 128$/m)
  assert.match(text, /^access-list hq-postern remark \(pta-service-bus\) the agent holds/m)
  assert.match(
    text,
    /^ description Azure IP Ranges and Service Tags, public cloud, change number 375, as of 2025-11-06$/m,
  )
  assert.ok(written.duties.some((duty) => /change number 375 \(as of 2025-11-06\)/.test(duty)))
  const [told] = written.notSaid
  assert.match(told?.why ?? '', /\*\.msappproxy\.net, and an ASA takes no such name/)
})

test('a reason that one remark has no room for goes on in the next', () => {
  const why = 'reads and writes passwords that people change at a portal '.repeat(6)
  const [file] = write(
    samplePermits.map((permit) => ({ ...permit, why })),
    [],
    {
      site: 'hq',
      passage: 'forward',
      places: {},
      on: '2026-11-22',
    },
  ).files
  const remarks = [...(file?.text ?? '').matchAll(/^access-list \S+ remark (.*)$/gm)].map(([, said = '']) => said)
  assert.ok(remarks.length > samplePermits.length && remarks.every((said) => said.length <= 100))
})
