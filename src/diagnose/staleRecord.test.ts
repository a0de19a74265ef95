import { rootDse, saidAt } from '../../test/controllers.ts'
import { labRoot, ldaps, run } from '../../test/judged.ts'
import { context, leaf, lookup, tcp, tls } from '../../test/observed.ts'

const name = 'dc01.corp.example'
const asDc02 = tls('established', {
  address: '10.1.0.5',
  port: 636,
  serverName: name,
  nameMatches: false,
  chain: [leaf('dc02.corp.example', 'Lab Root CA'), labRoot],
  anchoredIn: ['site'],
})
const known = { domain: 'corp.example' } as const

run([
  {
    name: 'a record that leads to another domain controller of the site is stale',
    flow: ldaps,
    known,
    seen: [lookup('answer', { name, answers: ['10.1.0.5'] }), tcp('connected'), asDc02],
    verdict: 'blocked',
    cause: 'stale-record',
    confidence: 'likely',
  },
  {
    name: 'what the machine says of itself at another port makes it certain',
    flow: ldaps,
    known,
    seen: [
      lookup('answer', { name, answers: ['10.1.0.5'] }),
      tcp('connected'),
      asDc02,
      context(saidAt(389, rootDse({ dnsHostName: 'dc02.corp.example' }))),
    ],
    verdict: 'blocked',
    cause: 'stale-record',
    confidence: 'certain',
    alternatives: [],
    decidedBy: ['e1', 'e3', 'e4'],
  },
  {
    name: 'an alias of another domain controller is meant so: its certificate lacks the name',
    flow: ldaps,
    known,
    seen: [lookup('answer', { name, answers: ['10.1.0.5'], aliases: ['dc02.corp.example'] }), tcp('connected'), asDc02],
    verdict: 'wrong',
    cause: 'name-mismatch',
  },
  {
    name: 'and so is a name of several domain controllers',
    flow: ldaps,
    known,
    seen: [lookup('answer', { name, answers: ['10.1.0.5', '10.1.0.6'] }), tcp('connected'), asDc02],
    verdict: 'wrong',
    cause: 'name-mismatch',
  },
])
