import {
  alert,
  app,
  appName,
  appTls,
  atApp,
  labRoot,
  onApp,
  onCloud,
  run,
  signIn,
  takes12,
  tls12,
} from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { again, certificate, context, control, leaf, lookup, publishedRoot, tls } from '../../test/observed.ts'

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

/** Ended before the ClientHello was out. */
const unread = tls('closed', { ...atApp, bytesOut: 0 })
/** The same question with a hello of so many octets. */
const smaller = (bytesOut: number): Draft =>
  control('tls-version', appTls([leaf(appName, 'Lab Root CA'), labRoot], { offered: tls12, bytesOut }))
const longHello = (outcome: Parameters<typeof tls>[0], over: Parameters<typeof tls>[1] = {}): Draft =>
  control(
    'hello-size',
    tls(outcome, {
      offered: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', alpn: [], hello: 'post-quantum', helloOctets: 1560 },
      bytesOut: 1560,
      ...over,
    }),
  )

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
    name: 'where the larger hello alone is cut, its size may be what is not read',
    flow: app,
    seen: [onApp, tls('reset', { ...atApp, bytesOut: 1700 }), takes12],
    verdict: 'blocked',
    cause: 'big-clienthello',
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
    name: 'a connection that is ended before the ClientHello is out is told as that, and neither name nor version is meant',
    flow: app,
    seen: [
      onApp,
      unread,
      again(unread),
      takes12,
      control('server-name', tls('established', { ...atApp, serverName: 'a.example' })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
    alternatives: ['connection-limit', 'refused-by-firewall', 'silent-service'],
    says: /accepts the connection and ends it before anything is said on it$/,
  },
  {
    name: 'where it is ended behind the ClientHello at another time, that is what is told',
    flow: app,
    seen: [onApp, unread, again(tls('closed', atApp))],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /ends the connection after the ClientHello \(383 octets out, 0 in\)/,
  },
])
