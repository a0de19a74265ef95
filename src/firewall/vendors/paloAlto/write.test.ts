import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleOptions, samplePermits } from '../../../../test/samplePermits.ts'
import { sampleProof } from '../../../../test/sampleProof.ts'
import { writerCases } from '../../../../test/writerCases.ts'
import { rangesOfPrefix } from '../../rangesOfPrefix.ts'
import { read, write } from './index.ts'

writerCases({ vendor: 'palo-alto', read, write })

const paloAlto = { read, write }

test('everything of the sample can be said: names, stars, both families, ranges of ports, echo', () => {
  const { text, written } = sampleProof(paloAlto, [])
  assert.match(text, /^set address \S+ fqdn login\.microsoftonline\.com$/m)
  assert.match(text, /^set profiles custom-url-category \S+ list \*\.servicebus\.windows\.net\/$/m)
  assert.match(text, /^set service \S+ protocol tcp port 88,389,49152-65535$/m)
  assert.match(text, /^set address \S+ ip-range 10\.2\.0\.16-10\.2\.255\.0$/m)
  assert.match(text, /^set rulebase security rules \S+ application \[ ping ping6 \]$/m)
  assert.match(
    text,
    /^set rulebase security rules \S+ description "\(dc-kerberos, dc-ldap, dc-rpc\) reads the directory"$/m,
  )
  assert.match(text, /^set rulebase security rules \S+ tag hq-postern$/m)
  assert.ok(written.duties.some((duty) => /URL category/.test(duty)))
  const list = written.files.find(({ name }) => name === 'hq-urls.txt')
  assert.equal(list?.text, '*.msappproxy.net/\n*.servicebus.windows.net/\n')
})

test('names and texts are no longer than PAN-OS takes them, and none is there twice', () => {
  const long = samplePermits.map((permit) => ({
    ...permit,
    why: 'long '.repeat(600),
    id: `${permit.id}-${'x'.repeat(50)}`,
  }))
  const [file] = write(long, [], { ...sampleOptions, site: 'x'.repeat(300) }).files
  const text = file?.text ?? ''
  const of = (pattern: RegExp): readonly string[] => [
    ...new Set([...text.matchAll(pattern)].map(([, name = '']) => name)),
  ]
  assert.ok(of(/^set (?:address|service) (\S+)/gm).every((name) => name.length <= 63))
  assert.ok(of(/^set profiles custom-url-category (\S+)/gm).every((name) => name.length <= 31))
  const rules = of(/^set rulebase security rules (\S+) from/gm)
  assert.ok(rules.length === long.length && rules.every((name) => name.length <= 63))
  assert.ok(of(/description "(.*)"$/gm).every((said) => said.length <= 1023))
})

test('zones are named where the site says what is behind them, and interfaces are not taken for zones', () => {
  const places = {
    servers: ['10.1.0.0/16', '2001:db8:1::/48'].flatMap(rangesOfPrefix),
    clients: rangesOfPrefix('10.2.0.0/16'),
    'ethernet1/3': rangesOfPrefix('192.168.50.0/24'),
  }
  const { files } = write(samplePermits, [], { ...sampleOptions, places })
  const text = files[0]?.text ?? ''
  assert.match(text, /^set rulebase security rules clients-\S+ from clients$/m)
  assert.match(text, /^set rulebase security rules wap01-\S+ from any$/m)
  assert.match(text, /^set rulebase security rules wap01-\S+ to servers$/m)
})

test('a rule for ping lets echo requests of its family pass, and nothing else', () => {
  const text = `set rulebase security rules echo from any to any source any destination any application ping service application-default action allow
set rulebase security rules none from any to any source any destination any application ping service service-https action allow
`
  const [ruleSet] = read([{ name: 'pan.txt', text }], { places: {} }).ruleSets
  const rules = ruleSet?.chains['security']?.filter(({ implied }) => implied !== true) ?? []
  assert.deepEqual(
    rules.map(({ name, unknowns, match }) => [name, unknowns, match.protocols, match.icmp]),
    [['echo', [], [{ first: 1, last: 1 }], [{ type: { first: 8, last: 8 } }]]],
  )
})
