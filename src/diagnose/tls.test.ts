import { app, appName, appTls, onApp, onCloud, run, signIn } from '../../test/judged.ts'
import { again, control, tls } from '../../test/observed.ts'

const cut = tls('reset', { serverName: 'login.microsoftonline.com' })

run([
  {
    name: 'a ClientHello that is cut while another name to the same address passes is a filter by name',
    flow: signIn,
    seen: [
      onCloud,
      cut,
      again(cut),
      control('server-name', tls('established', { serverName: 'graph.microsoft.com', nameMatches: true })),
    ],
    verdict: 'blocked',
    cause: 'sni-filter',
    confidence: 'likely',
    owner: 'firewall',
    alternatives: [],
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
    confidence: 'likely',
  },
  {
    name: 'a ClientHello that is cut without a control leaves five causes open',
    flow: signIn,
    seen: [onCloud, cut],
    verdict: 'unknown',
    cause: 'undetermined',
    alternatives: ['sni-filter', 'not-the-service', 'payload-dropped', 'tls-parameters', 'big-clienthello'],
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
    name: 'alert 40 is a matter of parameters, likely',
    flow: app,
    seen: [
      onApp,
      tls('alert', {
        address: '10.1.0.20',
        port: 8443,
        serverName: appName,
        alert: { number: 40, name: 'handshake_failure' },
        bytesIn: 7,
      }),
    ],
    verdict: 'blocked',
    cause: 'tls-parameters',
    confidence: 'likely',
    alternatives: ['tls-version'],
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
])
