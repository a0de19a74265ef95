import { app, appName, appTls, labRoot, ldaps, onApp, onCloud, run, signIn } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import {
  again,
  appFlow,
  certificate,
  context,
  control,
  http,
  leaf,
  lookup,
  outside,
  publishedRoot,
  root,
  tcp,
  tls,
} from '../../test/observed.ts'

const cut = tls('reset', { serverName: 'login.microsoftonline.com' })
/** Another name that the same address answers, with a certificate for the names that are given. */
const other = (serverName: string, names = [`dns:${serverName}`], count?: number): Draft =>
  tls('established', {
    serverName,
    nameMatches: true,
    chain: [
      certificate({ subjectAltNames: names, ...(count !== undefined && { subjectAltNameCount: count }) }),
      publishedRoot,
    ],
  })

const atApp = { address: '10.1.0.20', port: 8443, serverName: appName } as const
const tls12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', alpn: [] } as const
const alert = (number: number, name: string, over: Parameters<typeof tls>[1] = {}): Draft =>
  tls('alert', { ...atApp, alert: { number, name }, bytesIn: 7, ...over })
const takes12 = control(
  'tls-version',
  appTls([leaf(appName, 'Lab Root CA'), labRoot], { version: 'TLSv1.2', offered: tls12 }),
)
const refusedRequest = (code: string): Draft => http('error', { address: '10.1.0.20', code })
/** The same question with a hello of so many octets. */
const smaller = (bytesOut: number): Draft =>
  control('tls-version', appTls([leaf(appName, 'Lab Root CA'), labRoot], { offered: tls12, bytesOut }))
const asking = { clientCertificateRequested: true } as const
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
const longHello = (outcome: Parameters<typeof tls>[0], over: Parameters<typeof tls>[1] = {}): Draft =>
  control(
    'hello-size',
    tls(outcome, {
      offered: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', alpn: [], hello: 'post-quantum', helloOctets: 1560 },
      bytesOut: 1560,
      ...over,
    }),
  )
const refusing = tls('alert', { bytesIn: 7, alert: { number: 40, name: 'handshake_failure' } })

run([
  {
    name: 'a ClientHello that is cut while another name to the same address passes may be a server without a binding',
    flow: signIn,
    seen: [onCloud, cut, again(cut), control('server-name', other('graph.microsoft.com'))],
    verdict: 'blocked',
    cause: 'sni-filter',
    confidence: 'possible',
    owner: 'firewall',
    alternatives: ['name-mismatch', 'not-the-service'],
    says: /gets an answer: a filter by name, or a server that has no binding for login\.microsoftonline\.com$/,
    fix: /; if none names it, add the binding on login\.microsoftonline\.com$/,
  },
  {
    name: 'where the server has a certificate for the name that is cut, a device cuts it',
    flow: signIn,
    seen: [
      onCloud,
      cut,
      again(cut),
      control('server-name', other('graph.microsoft.com', ['dns:*.microsoftonline.com'])),
    ],
    verdict: 'blocked',
    cause: 'sni-filter',
    confidence: 'likely',
    alternatives: [],
    says: /and the certificate there is for login\.microsoftonline\.com as well$/,
  },
  {
    name: 'a certificate of which not all names were kept proves no binding',
    flow: signIn,
    seen: [onCloud, cut, control('server-name', other('graph.microsoft.com', ['dns:graph.microsoft.com'], 4000))],
    verdict: 'blocked',
    cause: 'sni-filter',
    confidence: 'possible',
  },
  {
    name: 'where a server that has nothing to do with the name cuts it as well, a device does it',
    flow: signIn,
    seen: [
      onCloud,
      cut,
      control('server-name', other('graph.microsoft.com')),
      control('address', tls('reset', { address: '10.1.0.20', port: 8443, serverName: 'login.microsoftonline.com' })),
      context(appTls([leaf(appName, 'Lab Root CA')])),
    ],
    verdict: 'blocked',
    cause: 'sni-filter',
    confidence: 'likely',
    says: /; 10\.1\.0\.20:8443, which is not where login\.microsoftonline\.com is served, does the same$/,
    decidedBy: ['e2', 'e3', 'e4'],
  },
  {
    name: 'another address of the same name is no neutral server',
    flow: signIn,
    seen: [
      lookup('answer', { answers: ['20.190.128.1', '20.190.128.2'] }),
      onCloud,
      cut,
      control('server-name', other('graph.microsoft.com')),
      control('address', tls('reset', { address: '20.190.128.2' })),
      context(tls('established', { address: '20.190.128.2', serverName: 'graph.microsoft.com' })),
    ],
    verdict: 'blocked',
    cause: 'sni-filter',
    confidence: 'possible',
  },
  {
    name: 'a server elsewhere that answers no name is no neutral server',
    flow: signIn,
    seen: [
      onCloud,
      cut,
      control('server-name', other('graph.microsoft.com')),
      control('address', tls('reset', { address: '10.1.0.20', port: 8443, serverName: 'login.microsoftonline.com' })),
    ],
    verdict: 'blocked',
    cause: 'sni-filter',
    confidence: 'possible',
  },
  {
    name: 'a name that is cut at times and answered with octets at others is not called cut, and the other name is told',
    flow: signIn,
    seen: [onCloud, cut, again(tls('closed', { bytesIn: 12 })), control('server-name', other('graph.microsoft.com'))],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /; graph\.microsoft\.com to the same address gets an answer$/,
    alternatives: ['sni-filter', 'name-mismatch', 'not-the-service', 'payload-dropped', 'tls-parameters'],
  },
  {
    name: 'an alert to the other name is an answer as well',
    flow: signIn,
    seen: [
      onCloud,
      tls('timeout'),
      control(
        'server-name',
        tls('alert', {
          serverName: 'graph.microsoft.com',
          alert: { number: 112, name: 'unrecognized_name' },
          bytesIn: 7,
        }),
      ),
    ],
    verdict: 'blocked',
    cause: 'sni-filter',
    confidence: 'possible',
  },
  {
    name: 'a ClientHello that is cut without a control leaves six causes open',
    flow: signIn,
    seen: [onCloud, cut],
    verdict: 'unknown',
    cause: 'undetermined',
    alternatives: [
      'sni-filter',
      'name-mismatch',
      'not-the-service',
      'payload-dropped',
      'tls-parameters',
      'big-clienthello',
    ],
  },
  {
    name: 'a ClientHello that is cut under every name is no filter by name',
    flow: signIn,
    seen: [onCloud, cut, control('server-name', tls('reset', { serverName: 'graph.microsoft.com' }))],
    verdict: 'unknown',
    cause: 'undetermined',
    alternatives: ['not-the-service', 'payload-dropped', 'tls-parameters'],
  },
  {
    name: 'a silent ClientHello without a control may be size, route or name',
    flow: signIn,
    seen: [onCloud, tls('timeout')],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /383 octets out, 0 in/,
  },
  {
    name: 'a large ClientHello that is cut while a small one with the same name passes',
    flow: signIn,
    seen: [
      onCloud,
      tls('timeout', { bytesOut: 1720 }),
      control(
        'tls-version',
        tls('established', { bytesOut: 420, offered: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', alpn: [] } }),
      ),
    ],
    verdict: 'blocked',
    cause: 'big-clienthello',
    confidence: 'possible',
    alternatives: ['pmtu-black-hole', 'tls-version'],
  },
  {
    name: 'a long ClientHello that is lost each time, where the small one works, is called that and no more',
    flow: signIn,
    seen: [onCloud, tls('established'), longHello('timeout'), longHello('timeout')],
    verdict: 'blocked',
    cause: 'big-clienthello',
    confidence: 'likely',
    owner: 'firewall',
    alternatives: ['pmtu-black-hole'],
    says: /works with the small ClientHello of Windows \(383 octets\), and one of 1560 stays unanswered each time/,
  },
  {
    name: 'a long ClientHello that is lost once is possible only',
    flow: signIn,
    seen: [onCloud, tls('established'), longHello('reset')],
    verdict: 'blocked',
    cause: 'big-clienthello',
    confidence: 'possible',
  },
  {
    name: 'a long ClientHello that passes the second time accuses nobody',
    flow: signIn,
    seen: [onCloud, tls('established'), longHello('timeout'), longHello('established')],
    verdict: 'open',
  },
  {
    name: 'a server that turns a long ClientHello away by an alert has read it',
    flow: signIn,
    seen: [
      onCloud,
      tls('established'),
      longHello('alert', { bytesIn: 7, alert: { number: 40, name: 'handshake_failure' } }),
    ],
    verdict: 'open',
  },
  {
    name: 'a server that takes the hybrid key share alone is told by its alert',
    flow: signIn,
    seen: [onCloud, refusing, again(refusing), longHello('established')],
    verdict: 'blocked',
    cause: 'tls-parameters',
    confidence: 'likely',
    says: /takes a ClientHello that offers X25519MLKEM768, and none with the groups of Windows/,
  },
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
    name: 'alert 70 says the version for certain',
    flow: app,
    seen: [
      onApp,
      tls('alert', {
        address: '10.1.0.20',
        port: 8443,
        serverName: appName,
        alert: { number: 70, name: 'protocol_version' },
        bytesIn: 7,
      }),
      control(
        'tls-version',
        appTls([], { version: 'TLSv1.1', offered: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', alpn: [] } }),
      ),
    ],
    verdict: 'blocked',
    cause: 'tls-version',
    confidence: 'certain',
    owner: 'app',
    says: /it takes TLSv1\.1$/,
  },
  {
    name: 'a server that takes only old versions, without an alert, is likely',
    flow: app,
    seen: [
      onApp,
      tls('closed', { address: '10.1.0.20', port: 8443, serverName: appName }),
      control(
        'tls-version',
        appTls([], { version: 'TLSv1', offered: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', alpn: [] } }),
      ),
    ],
    verdict: 'blocked',
    cause: 'tls-version',
    confidence: 'likely',
  },
  {
    name: 'a key that the own library refuses is a matter of parameters',
    flow: app,
    seen: [
      onApp,
      tls('local-refusal', {
        address: '10.1.0.20',
        port: 8443,
        serverName: appName,
        code: 'ERR_SSL_DH_KEY_TOO_SMALL',
        bytesIn: 900,
      }),
    ],
    verdict: 'blocked',
    cause: 'tls-parameters',
  },
  {
    name: 'an alert that asks for a client certificate proves the path',
    flow: app,
    seen: [
      onApp,
      tls('alert', {
        address: '10.1.0.20',
        port: 8443,
        serverName: appName,
        alert: { number: 40, name: 'handshake_failure' },
        clientCertificateRequested: true,
        bytesIn: 900,
      }),
    ],
    verdict: 'open',
    confidence: 'likely',
  },
  {
    name: 'alert 40 is possible alone, and names what it leaves open',
    flow: app,
    seen: [onApp, alert(40, 'handshake_failure')],
    verdict: 'blocked',
    cause: 'tls-parameters',
    confidence: 'possible',
    alternatives: ['tls-version', 'name-mismatch'],
  },
  {
    name: 'alert 40 to one name and not to another may be the name',
    flow: app,
    seen: [
      onApp,
      alert(40, 'handshake_failure'),
      control('server-name', tls('established', { ...atApp, serverName: 'graph.microsoft.com' })),
    ],
    verdict: 'blocked',
    cause: 'tls-parameters',
    confidence: 'possible',
    alternatives: ['name-mismatch', 'sni-filter'],
  },
  {
    name: 'alert 71 says for certain that the parameters are too weak',
    flow: app,
    seen: [onApp, alert(71, 'insufficient_security')],
    verdict: 'blocked',
    cause: 'tls-parameters',
    confidence: 'certain',
    alternatives: [],
  },
  {
    name: 'a server that refuses 1.3 beside 1.2 and takes 1.2 alone cannot choose among versions, likely',
    flow: app,
    seen: [onApp, alert(40, 'handshake_failure'), takes12],
    verdict: 'blocked',
    cause: 'tls-version',
    confidence: 'likely',
    says: /takes TLSv1\.2 when it is offered alone, and ends a hello that offers TLSv1\.3 as well$/,
    decidedBy: ['e2', 'e3'],
  },
  {
    name: 'so is one that says so by alert 70',
    flow: app,
    seen: [onApp, alert(70, 'protocol_version'), takes12],
    verdict: 'blocked',
    cause: 'tls-version',
    confidence: 'likely',
  },
  {
    name: 'one reset before it is possible, since it may have been that connection',
    flow: app,
    seen: [onApp, tls('reset', atApp), takes12],
    verdict: 'blocked',
    cause: 'tls-version',
    confidence: 'possible',
    alternatives: ['payload-dropped', 'one-bad-node'],
  },
  {
    name: 'two are likely',
    flow: app,
    seen: [onApp, tls('reset', atApp), again(tls('reset', atApp)), takes12],
    verdict: 'blocked',
    cause: 'tls-version',
    confidence: 'likely',
  },
  {
    name: 'where the larger hello alone is cut, its size may be what is not read',
    flow: app,
    seen: [onApp, tls('reset', { ...atApp, bytesOut: 1700 }), takes12],
    verdict: 'blocked',
    cause: 'big-clienthello',
  },
  {
    name: 'what is no TLS is no matter of versions',
    flow: app,
    seen: [onApp, tls('not-tls', { ...atApp, bytesIn: 20 }), takes12],
    verdict: 'wrong',
    cause: 'not-the-service',
  },
  {
    name: 'a control that offers newer versions and passes is no sign of such a server',
    flow: app,
    seen: [onApp, tls('reset', { ...atApp, offered: tls12 }), control('tls-version', appTls([labRoot]))],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  ...[
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE',
    'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    'ERR_SSL_TLSV1_ALERT_ACCESS_DENIED',
  ].map((code) => ({
    name: `a request that ends by ${code.slice(8)} where a client certificate was asked for proves the path`,
    flow: app,
    seen: [onApp, appTls([leaf(appName, 'Lab Root CA'), labRoot], asking), refusedRequest(code)],
    verdict: 'open' as const,
    confidence: 'likely' as const,
    says: /speaks TLSv1\.3 and wants a client certificate, which Postern does not send$/,
    decidedBy: ['e1', 'e2', 'e3'],
  })),
  {
    name: 'alert 116 needs no other sign: it speaks of the client’s certificate alone',
    flow: app,
    seen: [
      onApp,
      appTls([leaf(appName, 'Lab Root CA'), labRoot]),
      refusedRequest('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
    ],
    verdict: 'open',
    confidence: 'likely',
  },
  {
    name: 'bad_certificate where none was asked for is no wish for one',
    flow: app,
    seen: [
      onApp,
      appTls([leaf(appName, 'Lab Root CA'), labRoot]),
      refusedRequest('ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE'),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a request that is cut where a client certificate was asked for tells no reason',
    flow: app,
    seen: [
      onApp,
      appTls([leaf(appName, 'Lab Root CA'), labRoot], asking),
      http('reset', { address: '10.1.0.20', code: 'ECONNRESET' }),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'alert 116 within the handshake is the same wish',
    flow: app,
    seen: [onApp, alert(116, 'certificate_required')],
    verdict: 'open',
    confidence: 'likely',
  },
  {
    name: 'a warning that the name is not known, before an end, is no verdict on the name',
    flow: app,
    seen: [
      onApp,
      tls('closed', { ...atApp, alert: { number: 112, name: 'unrecognized_name', warning: true }, bytesIn: 7 }),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a warning before an established handshake changes nothing',
    flow: app,
    seen: [
      onApp,
      appTls([leaf(appName, 'Lab Root CA'), labRoot], {
        alert: { number: 112, name: 'unrecognized_name', warning: true },
      }),
      http('response', { address: '10.1.0.20' }),
    ],
    verdict: 'open',
    confidence: 'certain',
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
    name: 'a large hello that is cut once and answered by an alert another time is no matter of size',
    flow: app,
    seen: [onApp, tls('timeout', { ...atApp, bytesOut: 1720 }), again(alert(80, 'internal_error')), smaller(420)],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a large hello that passes beside one that is cut is no matter of size either',
    flow: app,
    seen: [onApp, tls('timeout', { ...atApp, bytesOut: 1720 }), smaller(1700)],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'what this machine refuses as too weak is likely the server’s list',
    flow: app,
    seen: [onApp, tls('local-refusal', { ...atApp, code: 'ERR_SSL_DH_KEY_TOO_SMALL', bytesIn: 900 })],
    verdict: 'blocked',
    cause: 'tls-parameters',
    confidence: 'likely',
  },
  {
    name: 'and possibly this name’s alone where another name is taken',
    flow: app,
    seen: [
      onApp,
      tls('local-refusal', { ...atApp, code: 'ERR_SSL_DH_KEY_TOO_SMALL', bytesIn: 900 }),
      control('server-name', tls('established', { ...atApp, serverName: 'graph.microsoft.com' })),
    ],
    verdict: 'blocked',
    cause: 'tls-parameters',
    confidence: 'possible',
  },
  {
    name: 'a version that this machine refuses is the server’s, for certain',
    flow: app,
    seen: [onApp, tls('local-refusal', { ...atApp, code: 'ERR_SSL_UNSUPPORTED_PROTOCOL', bytesIn: 90 })],
    verdict: 'blocked',
    cause: 'tls-version',
    confidence: 'certain',
    says: /answers with a TLS version older than TLSv1\.2 \(ERR_SSL_UNSUPPORTED_PROTOCOL\)$/,
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
