import { app, appName, appTls, labRoot, ldaps, onApp, onCloud, run, signIn } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { appFlow, http, leaf, lookup, outside, root, tcp, tls } from '../../test/observed.ts'

/** A target that is given by its address alone. */
const byAddress = (subjectAltNames: readonly string[], count?: number): Parameters<typeof run>[0][number]['seen'] => {
  const { serverName: _none, ...shown } = appTls([
    leaf(appName, 'Lab Root CA', { subjectAltNames, ...(count !== undefined && { subjectAltNameCount: count }) }),
    labRoot,
  ]).seen as Extract<Draft['seen'], { kind: 'tls-handshake' }>
  const { nameMatches: _unjudged, ...seen } = shown
  return [onApp, { role: 'probe', seen }, http('response', { address: '10.1.0.20', url: 'https://10.1.0.20:8443/' })]
}
const nameless = (): ReturnType<typeof appFlow> => {
  const { target, ...flow } = appFlow()
  const { name: _none, ...where } = target
  return { ...flow, target: where }
}
const recordOfDc = lookup('answer', { name: 'dc01.corp.example', answers: ['10.1.0.5'] })
const asDc02 = tls('established', {
  address: '10.1.0.5',
  port: 636,
  serverName: 'dc01.corp.example',
  nameMatches: false,
  chain: [leaf('dc02.corp.example', 'Lab Root CA'), labRoot],
  anchoredIn: ['site'],
})

run([
  {
    name: 'a domain controller’s record that leads to the trusted certificate of another host is stale, likely',
    flow: ldaps,
    known: { domain: 'corp.example' },
    seen: [recordOfDc, tcp('connected'), asDc02],
    verdict: 'blocked',
    cause: 'stale-record',
    confidence: 'likely',
    owner: 'dns',
    alternatives: ['name-mismatch'],
    says: /^dc01\.corp\.example leads to 10\.1\.0\.5, and the machine there is dc02\.corp\.example/,
  },
  {
    name: 'where the address is the site file’s own no record is stale',
    flow: ldaps,
    known: { domain: 'corp.example' },
    seen: [tcp('connected'), asDc02],
    verdict: 'wrong',
    cause: 'name-mismatch',
  },
  {
    name: 'a web server with the certificate of another name of the domain serves many names, and says nothing of records',
    flow: appFlow({ target: { port: 8443 } }),
    known: { domain: 'corp.example' },
    seen: [
      lookup('answer', { name: appName, answers: ['10.1.0.20'] }),
      onApp,
      appTls([leaf('intranet.corp.example', 'Lab Root CA'), labRoot], { nameMatches: false }),
    ],
    verdict: 'wrong',
    cause: 'name-mismatch',
  },
  {
    name: 'a target that is an address, and a certificate that lacks it: possibly wrong, since clients may use a name',
    flow: nameless(),
    seen: byAddress([`dns:${appName}`]),
    verdict: 'wrong',
    cause: 'name-mismatch',
    confidence: 'possible',
    says: /is for app01\.corp\.example, not for 10\.1\.0\.20, by which it was asked/,
    fix: /issue it with IP:10\.1\.0\.20$/,
  },
  {
    name: 'a certificate that has the address is right',
    flow: nameless(),
    seen: byAddress([`dns:${appName}`, 'ip:10.1.0.20']),
    verdict: 'open',
  },
  {
    name: 'a certificate of which not all names were kept may have it',
    flow: nameless(),
    seen: byAddress([`dns:${appName}`], 300),
    verdict: 'open',
  },
  {
    name: 'a name that was not judged is not held against the address',
    flow: app,
    seen: byAddress([`dns:${appName}`]),
    verdict: 'open',
  },
  {
    name: 'of many names four are told and the others counted',
    flow: app,
    seen: [
      onApp,
      appTls(
        [
          leaf('x', 'Lab Root CA', {
            subjectAltNames: ['dns:a.example', 'dns:b.example', 'dns:c.example', 'dns:d.example', 'dns:e.example'],
            subjectAltNameCount: 4000,
          }),
          root('Lab Root CA'),
        ],
        { nameMatches: false },
      ),
    ],
    verdict: 'wrong',
    cause: 'name-mismatch',
    confidence: 'certain',
    says: /is for a\.example, b\.example, c\.example, d\.example and 3996 more, not for/,
  },
  {
    name: 'a certificate of another name where a second resolver agrees on the address leaves no doubt of the resolver',
    flow: signIn,
    seen: [
      lookup('answer', { answers: ['20.190.128.1'] }),
      outside('answer', { answers: ['20.190.128.1'] }),
      onCloud,
      tls('established', { nameMatches: false }),
    ],
    verdict: 'wrong',
    cause: 'name-mismatch',
    alternatives: ['wrong-target-dnat'],
  },
  {
    name: 'and where none was asked leaves one',
    flow: signIn,
    seen: [lookup('answer', { answers: ['20.190.128.1'] }), onCloud, tls('established', { nameMatches: false })],
    verdict: 'wrong',
    cause: 'name-mismatch',
    alternatives: ['split-brain-override', 'wrong-target-dnat'],
  },
])
