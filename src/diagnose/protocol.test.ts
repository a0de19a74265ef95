import { app, appName, appTls, console60f, goodApp, labRoot, onApp, onCloud, run, signIn } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { again, appFlow, context, control, http, leaf, root, tcp, tls } from '../../test/observed.ts'

const plainFlow = appFlow({ target: { service: 'http', port: 80 } })
const onPlain = tcp('connected', { address: '10.1.0.20', port: 80 })
const plainAnswer = (status: number, title: string): Draft =>
  http('response', {
    url: 'http://app01.corp.example/',
    address: '10.1.0.20',
    status,
    body: { kind: 'html', bytes: 200, title, members: {} },
  })
const shakesAt80 = tls('established', { address: '10.1.0.20', port: 80, serverName: appName })

run([
  {
    name: 'plain HTTP on a TLS port is not the service, and the status line is quoted',
    flow: app,
    seen: [
      onApp,
      tls('not-tls', {
        address: '10.1.0.20',
        port: 8443,
        serverName: appName,
        firstOctets: 'HTTP/1.1 400 Bad Request\\x0D\\x0AServer: nginx',
        bytesIn: 300,
      }),
    ],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'certain',
    owner: 'app',
    says: /8443\/tcp on app01 speaks HTTP where HTTPS belongs: "HTTP\/1\.1 400 Bad Request"/,
  },
  {
    name: 'another protocol is named by its banner',
    flow: app,
    seen: [
      onApp,
      tls('not-tls', { address: '10.1.0.20', port: 8443, firstOctets: 'SSH-2.0-OpenSSH_9.2\\x0D\\x0A', bytesIn: 21 }),
    ],
    verdict: 'wrong',
    cause: 'not-the-service',
    says: /speaks SSH/,
  },
  {
    name: 'TLS on a plain port is not the service either',
    flow: appFlow({ target: { service: 'http', port: 80 } }),
    seen: [
      tcp('connected', { address: '10.1.0.20', port: 80 }),
      http('not-http', {
        url: 'http://app01.corp.example/',
        address: '10.1.0.20',
        firstOctets: '\\x15\\x03\\x03\\x00\\x02\\x02F',
      }),
    ],
    verdict: 'wrong',
    cause: 'not-the-service',
    says: /speaks TLS where HTTP belongs/,
  },
  {
    name: 'a firewall console in the place of the app is a wrong translation, and the product is named',
    flow: app,
    seen: [onApp, appTls([console60f], { anchoredIn: [], nameMatches: false })],
    verdict: 'wrong',
    cause: 'wrong-target-dnat',
    confidence: 'certain',
    owner: 'firewall',
    says: /^FortiGate answers at 10\.1\.0\.20:8443 instead of app01\.corp\.example/,
  },
  {
    name: 'a nameless self-signed certificate beside the right one elsewhere is a wrong translation, likely',
    flow: app,
    seen: [
      onApp,
      appTls([root('localhost')], { anchoredIn: [], nameMatches: false }),
      control(
        'address',
        tls('established', { address: '10.1.0.21', port: 8443, serverName: appName, nameMatches: true }),
      ),
    ],
    verdict: 'wrong',
    cause: 'wrong-target-dnat',
    confidence: 'likely',
  },
  {
    name: 'the same without a comparison is only the wrong certificate',
    flow: app,
    seen: [onApp, appTls([root('localhost')], { anchoredIn: [], nameMatches: false })],
    verdict: 'wrong',
    cause: 'name-mismatch',
    alternatives: ['wrong-target-dnat'],
  },
  {
    name: 'a console that is the target and has the right name is nobody else',
    flow: appFlow({ target: { name: 'fw.corp.example' } }),
    seen: [
      onApp,
      tls('established', {
        address: '10.1.0.20',
        port: 8443,
        serverName: 'fw.corp.example',
        chain: [leaf('fw.corp.example', 'Lab Root CA', { subject: 'CN=fw.corp.example,O=Fortinet' }), labRoot],
        anchoredIn: ['site'],
      }),
      http('response', {
        url: 'https://fw.corp.example:8443/',
        address: '10.1.0.20',
        headers: { server: 'FortiGate' },
        body: { kind: 'html', bytes: 10, title: 'FortiGate', members: {} },
      }),
    ],
    verdict: 'open',
  },
  {
    name: 'a page where metadata belongs is a page on an API, likely',
    flow: signIn,
    seen: [
      onCloud,
      tls('established'),
      http('response', { body: { kind: 'html', bytes: 400, title: 'Web Page Blocked', members: {} } }),
    ],
    verdict: 'wrong',
    cause: 'http-page-on-api',
    confidence: 'likely',
    owner: 'proxy',
    says: /"Web Page Blocked" \(200\) where a JSON document belongs/,
  },
  {
    name: "a server's own error page is no block page",
    flow: signIn,
    seen: [
      onCloud,
      tls('established'),
      http('response', { status: 404, body: { kind: 'html', bytes: 400, title: 'Not found', members: {} } }),
    ],
    verdict: 'open',
  },
  {
    name: 'TLS that is established and a request that stays unanswered is a silent service, likely',
    flow: app,
    seen: [onApp, goodApp, http('timeout', { address: '10.1.0.20' })],
    verdict: 'blocked',
    cause: 'silent-service',
    confidence: 'likely',
    owner: 'app',
  },
  {
    name: 'no ClientHello answered under any name, while another port of the host speaks TLS, is possibly silent',
    flow: app,
    seen: [
      onApp,
      tls('timeout', { address: '10.1.0.20', port: 8443, serverName: appName }),
      control('server-name', tls('timeout', { address: '10.1.0.20', port: 8443, serverName: 'graph.microsoft.com' })),
      context(tls('established', { address: '10.1.0.20', port: 443, serverName: 'graph.microsoft.com' })),
    ],
    verdict: 'blocked',
    cause: 'silent-service',
    confidence: 'possible',
  },
  {
    name: 'a proxy that wants credentials says so for certain',
    flow: appFlow({ target: { service: 'http', port: 80 } }),
    seen: [
      tcp('connected', { address: '10.1.0.20', port: 80 }),
      http('response', {
        url: 'http://app01.corp.example/',
        status: 407,
        headers: { 'proxy-authenticate': 'Negotiate' },
        body: { kind: 'html', bytes: 1, members: {} },
      }),
    ],
    verdict: 'blocked',
    cause: 'proxy-auth',
    confidence: 'certain',
    owner: 'proxy',
  },
  {
    name: '511 is a captive portal for certain',
    flow: appFlow({ target: { service: 'http', port: 80 } }),
    seen: [
      tcp('connected', { address: '10.1.0.20', port: 80 }),
      http('response', { url: 'http://app01.corp.example/', status: 511 }),
    ],
    verdict: 'wrong',
    cause: 'captive-portal',
    confidence: 'certain',
  },
  {
    name: 'one redirect to another organisation is no portal',
    flow: appFlow({ target: { service: 'http', port: 80 } }),
    seen: [
      tcp('connected', { address: '10.1.0.20', port: 80 }),
      http('response', {
        url: 'http://app01.corp.example/',
        status: 302,
        headers: { location: 'https://login.microsoftonline.com/' },
      }),
    ],
    verdict: 'open',
  },
  {
    name: 'unrelated names redirected to one place are a portal, likely',
    flow: appFlow({ target: { service: 'http', port: 80 } }),
    seen: [
      tcp('connected', { address: '10.1.0.20', port: 80 }),
      http('response', {
        url: 'http://app01.corp.example/',
        status: 302,
        headers: { location: 'http://portal.hotel.test/' },
      }),
      context(
        http('response', {
          url: 'http://crl.microsoft.com/',
          status: 302,
          headers: { location: 'http://portal.hotel.test/' },
        }),
      ),
    ],
    verdict: 'wrong',
    cause: 'captive-portal',
    confidence: 'likely',
  },
  ...[
    'HTTP/1.1 400 Bad Request\\x0D\\x0AServer: Apache',
    'HTTP/1.0 400 Bad Request\\x0D\\x0A\\x0D\\x0AClient sent an HTTP',
    'HTTP/1.1 200 OK\\x0D\\x0A',
    '<html><body><h1>400 Bad request</h1>',
  ].map((firstOctets) => ({
    name: `"${firstOctets.slice(0, 20)}" in answer to a ClientHello is plain HTTP, whatever server it is`,
    flow: app,
    seen: [onApp, tls('not-tls', { address: '10.1.0.20', port: 8443, serverName: appName, firstOctets, bytesIn: 90 })],
    verdict: 'wrong' as const,
    cause: 'not-the-service' as const,
    confidence: 'certain' as const,
    says: /speaks HTTP where HTTPS belongs/,
  })),
  {
    name: 'octets that tell nothing, and a plain request that is answered, are plain HTTP as well',
    flow: app,
    seen: [
      onApp,
      tls('not-tls', { address: '10.1.0.20', port: 8443, code: 'ERR_SSL_WRONG_VERSION_NUMBER', bytesIn: 90 }),
      control(
        'plain-http',
        http('response', {
          url: `http://${appName}:8443/`,
          address: '10.1.0.20',
          body: { kind: 'html', bytes: 90, title: 'Payroll', members: {} },
        }),
      ),
    ],
    verdict: 'wrong',
    cause: 'not-the-service',
    says: /speaks HTTP where HTTPS belongs, page "Payroll"$/,
    decidedBy: ['e2', 'e3'],
  },
  {
    name: 'octets that tell nothing are something else, and no more is said',
    flow: app,
    seen: [onApp, tls('not-tls', { address: '10.1.0.20', port: 8443, bytesIn: 90 })],
    verdict: 'wrong',
    cause: 'not-the-service',
    says: /speaks something else where HTTPS belongs$/,
  },
  {
    name: 'a handshake that was no TLS once and failed otherwise another time is not called another service',
    flow: app,
    seen: [
      onApp,
      tls('not-tls', { address: '10.1.0.20', port: 8443, bytesIn: 90 }),
      again(tls('reset', { address: '10.1.0.20', port: 8443 })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  ...[
    '400 The plain HTTP request was sent to HTTPS port',
    '400 Bad Request: speaking plain HTTP to an SSL-enabled server port',
    'This combination of host and port requires TLS.',
  ].map((title) => ({
    name: `a page "${title.slice(0, 24)}…" says that the port speaks TLS`,
    flow: plainFlow,
    seen: [onPlain, plainAnswer(400, title)],
    verdict: 'wrong' as const,
    cause: 'not-the-service' as const,
    confidence: 'certain' as const,
    says: /speaks TLS where plain HTTP belongs: 400, page/,
  })),
  {
    name: 'a plain request that is refused without a reason, on a port that shakes hands, is one for TLS, likely',
    flow: plainFlow,
    seen: [onPlain, plainAnswer(400, '400 Bad Request'), control('tls', shakesAt80)],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'likely',
    says: /a plain request is refused \(400\), a ClientHello answered$/,
    decidedBy: ['e2', 'e3'],
  },
  {
    name: 'so is one that is ended without a word',
    flow: plainFlow,
    seen: [
      onPlain,
      http('closed', { url: 'http://app01.corp.example/', address: '10.1.0.20' }),
      control('tls', shakesAt80),
    ],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'likely',
    says: /a plain request is ended \(closed\), a ClientHello answered$/,
  },
  {
    name: 'a port that serves plain HTTP and speaks TLS as well is well',
    flow: plainFlow,
    seen: [onPlain, plainAnswer(200, 'Payroll'), control('tls', shakesAt80)],
    verdict: 'open',
  },
  {
    name: 'a refusal without a comparison is the server’s own',
    flow: plainFlow,
    seen: [onPlain, plainAnswer(400, '400 Bad Request')],
    verdict: 'open',
  },
  {
    name: 'a request under TLS that is ended is no matter of plain HTTP',
    flow: app,
    seen: [
      onApp,
      goodApp,
      http('closed', { address: '10.1.0.20', url: `https://${appName}:8443/` }),
      control(
        'server-name',
        tls('established', { address: '10.1.0.20', port: 8443, serverName: 'graph.microsoft.com' }),
      ),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a request that stays unanswered once and is reset another time is no silence',
    flow: app,
    seen: [
      onApp,
      goodApp,
      http('timeout', { address: '10.1.0.20' }),
      again(http('reset', { address: '10.1.0.20', code: 'ECONNRESET' })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a ClientHello that is unanswered under the one name that was tried accuses no service',
    flow: app,
    seen: [
      onApp,
      tls('timeout', { address: '10.1.0.20', port: 8443, serverName: appName }),
      context(tls('established', { address: '10.1.0.20', port: 443, serverName: 'graph.microsoft.com' })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'one that is unanswered each time, while another port of the host speaks TLS, is a silent service, possibly',
    flow: app,
    seen: [
      onApp,
      ...[0, 1].map(() => again(tls('timeout', { address: '10.1.0.20', port: 8443, serverName: appName }))),
      context(tls('established', { address: '10.1.0.20', port: 443, serverName: appName })),
    ],
    verdict: 'blocked',
    cause: 'silent-service',
    confidence: 'possible',
    alternatives: ['payload-dropped', 'not-the-service', 'sni-filter'],
    says: /unanswered for 3\.0 s; 443 on the same host answers$/,
  },
  {
    name: 'nor does one that is unanswered under any name where nothing else of the host was seen to speak',
    flow: app,
    seen: [
      onApp,
      tls('timeout', { address: '10.1.0.20', port: 8443, serverName: appName }),
      control('server-name', tls('timeout', { address: '10.1.0.20', port: 8443, serverName: 'graph.microsoft.com' })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
])
