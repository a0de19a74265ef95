import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flow, judgeRows, web } from '../../test/judgeRows.ts'
import type { RuleText } from '../../test/ruleSetOf.ts'
import { askedOf, namesOf, rangesOf, ruleSetOf, setOf, tagOf } from '../../test/ruleSetOf.ts'
import { judge } from './judge.ts'
import type { Knowledge } from './judged.ts'
import type { Unknown } from './unknown.ts'

const time: Unknown = { kind: 'time', what: 'the time of day' }
const table: Knowledge = {
  tag: (name) => (name === 'Entra' ? { addresses: setOf('20.190.128.0/18'), asOf: '2026-11-01' } : undefined),
  name: (name) => (name === 'cdn.example' ? { addresses: rangesOf('192.0.2.80'), asOf: '2026-11-02' } : undefined),
}

judgeRows([
  {
    says: 'a tag without a table may hold the address',
    main: { t: { does: 'allow', match: { destination: tagOf('Other') } } },
    knowledge: table,
    expect: 'may',
    dependsOn: 'the content of the tag Other',
  },
  {
    says: 'a tag with a table is settled',
    main: { t: { does: 'allow', match: { destination: tagOf('Entra') } } },
    knowledge: table,
    expect: 'allow',
  },
  {
    says: 'a tag with a table leaves out what is not in it',
    main: { t: { does: 'allow', match: { destination: tagOf('Entra') } } },
    flow: '10.1.0.10 > 8.8.8.8:443/tcp',
    knowledge: table,
    expect: 'deny',
  },
  {
    says: 'an object of the asked name matches by name, at whatever address',
    main: { n: { does: 'allow', match: { destination: namesOf('login.example') } } },
    flow: '10.1.0.10 > login.example:443',
    expect: 'allow',
  },
  {
    says: 'an object of names matches a name that it covers',
    main: { n: { does: 'allow', match: { destination: namesOf('*.msappproxy.net') } } },
    flow: '10.1.0.10 > *.msappproxy.net:443',
    expect: 'allow',
  },
  {
    says: 'a name below a pattern is only some of what a wider question asks',
    main: { n: { does: 'allow', match: { destination: namesOf('a.msappproxy.net') } } },
    flow: '10.1.0.10 > *.msappproxy.net:443',
    expect: 'may',
  },
  {
    says: 'a deny of other names may lie on the same addresses',
    main: { n: { does: 'drop', match: { destination: namesOf('bad.example') } }, a: { does: 'allow' } },
    flow: '10.1.0.10 > login.example:443',
    expect: 'may',
    dependsOn: 'the addresses of bad.example',
  },
  {
    says: 'a deny of names whose addresses are known does not touch others',
    main: { n: { does: 'drop', match: { destination: namesOf('cdn.example') } }, a: { does: 'allow' } },
    knowledge: table,
    expect: 'allow',
  },
  {
    says: 'a name goes to the addresses that a table has for it',
    main: { n: { does: 'allow', match: { destination: setOf('192.0.2.0/24') } } },
    flow: '10.1.0.10 > cdn.example:443',
    knowledge: table,
    expect: 'allow',
  },
  {
    says: 'a name without address passes where every address does',
    main: { a: { does: 'allow', match: { ...web } } },
    flow: '10.1.0.10 > login.example:443',
    expect: 'allow',
  },
  {
    says: 'a name without address may pass where some addresses do',
    main: { a: { does: 'allow', match: { destination: setOf('20.0.0.0/8') } } },
    flow: '10.1.0.10 > login.example:443',
    expect: 'may',
  },
  {
    says: 'a name without address is denied where every address is',
    main: { a: { does: 'allow', match: { destination: setOf('10.0.0.0/8') } } },
    flow: '10.1.0.10 > login.example:443',
    expect: 'deny',
  },
  {
    says: 'a rule that reads the requested name is decided by strings',
    main: {
      a: { does: 'allow', match: { requestedNames: [{ text: '.example', name: 'example', covers: 'at-or-below' }] } },
    },
    flow: '10.1.0.10 > login.example:443',
    expect: 'allow',
  },
  {
    says: 'a rule that reads another name does not match',
    main: { a: { does: 'allow', match: { requestedNames: [{ text: 'x.test', name: 'x.test', covers: 'exactly' }] } } },
    flow: '10.1.0.10 > login.example:443',
    expect: 'deny',
  },
  {
    says: 'a rule that reads names may match a flow of which only the address is asked',
    main: { a: { does: 'allow', match: { requestedNames: [{ text: 'x.test', name: 'x.test', covers: 'exactly' }] } } },
    expect: 'may',
  },
  {
    says: 'a negated object of unknown content may match',
    main: {
      a: {
        does: 'drop',
        match: {
          destination: { sure: [], possible: [{ within: setOf('0.0.0.0/0').sure, because: time, inverted: true }] },
        },
      },
      b: { does: 'allow' },
    },
    expect: 'may',
  },
])

test('a part tells whether the name or an address of a day fitted', () => {
  const by = (match: RuleText['match'], text: string) =>
    judge(ruleSetOf({ main: { a: { does: 'allow', match: match ?? {} } } }), askedOf(text), 'forward', table).parts.map(
      (part) => part.by,
    )
  assert.deepEqual(by({ destination: namesOf('cdn.example') }, '10.1.0.10 > cdn.example:443'), ['name'])
  assert.deepEqual(by({ destination: setOf('192.0.2.0/24') }, '10.1.0.10 > cdn.example:443').at(0), 'dated-addresses')
  assert.deepEqual(by({ destination: tagOf('Entra') }, flow), ['dated-addresses'])
  assert.deepEqual(by({}, flow), [undefined])
})
