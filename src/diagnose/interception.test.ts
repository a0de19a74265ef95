import { app, appName, appTls, inspector, labRoot, onApp, onCloud, run, signIn } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import {
  certificate,
  cloudFlow,
  context,
  http,
  leaf,
  publishedRoot,
  root,
  shaken,
  tcp,
  tls,
} from '../../test/observed.ts'
import type { CertificateFacts } from '../model/certificateFacts.ts'

const resigned = (name: string, anchoredIn: Parameters<typeof shaken>[2], ca: CertificateFacts = inspector): Draft =>
  shaken(name, [leaf(name, 'Corp TLS Inspection CA'), ca], anchoredIn)
const strange = root('Corp TLS Inspection CA')

run([
  {
    name: 'a trusted foreign CA on unrelated names is interception for certain',
    flow: signIn,
    seen: [
      onCloud,
      resigned('login.microsoftonline.com', ['machine']),
      http('response'),
      context(resigned('graph.microsoft.com', ['machine'])),
    ],
    verdict: 'wrong',
    cause: 'interception-trusted',
    confidence: 'certain',
    owner: 'proxy',
    says: /signed anew by "Corp TLS Inspection CA", a CA that this machine trusts; it signs graph\.microsoft\.com as well$/,
    fix: /exempt login\.microsoftonline\.com from TLS inspection/,
    decidedBy: ['e2', 'e4'],
  },
  {
    name: 'the same without an unrelated name is possible: the root may be new',
    flow: signIn,
    seen: [onCloud, resigned('login.microsoftonline.com', ['machine'])],
    verdict: 'wrong',
    cause: 'interception-trusted',
    confidence: 'possible',
  },
  {
    name: 'no product is named where this machine trusts the chain',
    flow: signIn,
    seen: [
      onCloud,
      shaken(
        'login.microsoftonline.com',
        [leaf('login.microsoftonline.com', 'Zscaler Intermediate Root CA'), root('Corp Root', 'machine')],
        ['machine'],
      ),
    ],
    verdict: 'wrong',
    cause: 'interception-trusted',
    says: /signed anew by "Zscaler Intermediate Root CA", a CA that this machine trusts$/,
  },
  {
    name: 'an untrusted foreign CA on unrelated names is interception for certain',
    flow: signIn,
    seen: [
      onCloud,
      resigned('login.microsoftonline.com', [], strange),
      context(resigned('graph.microsoft.com', [], strange)),
    ],
    verdict: 'wrong',
    cause: 'interception-untrusted',
    confidence: 'certain',
  },
  {
    name: 'the CA of the site is no excuse under a name of Microsoft',
    flow: signIn,
    seen: [onCloud, resigned('login.microsoftonline.com', ['site'])],
    known: { trusted: [inspector.sha256] },
    verdict: 'wrong',
    cause: 'interception-trusted',
    confidence: 'likely',
  },
  {
    name: 'genuine chains beside it make interception partial',
    flow: signIn,
    seen: [
      onCloud,
      resigned('login.microsoftonline.com', ['machine']),
      context(shaken('graph.microsoft.com', [leaf('graph.microsoft.com', 'DigiCert'), publishedRoot], ['node'])),
    ],
    verdict: 'wrong',
    cause: 'interception-partial',
    confidence: 'certain',
  },
  {
    name: 'the product is named once interception stands',
    flow: signIn,
    seen: [
      onCloud,
      shaken(
        'login.microsoftonline.com',
        [leaf('login.microsoftonline.com', 'Zscaler Intermediate Root CA'), root('Zscaler Root CA')],
        [],
      ),
    ],
    verdict: 'wrong',
    cause: 'interception-untrusted',
    says: /\(Zscaler\)/,
  },
  {
    name: 'a public root that Microsoft has not published is a doubt, not an accusation',
    flow: signIn,
    seen: [
      onCloud,
      shaken('login.microsoftonline.com', [certificate(), root('New Public Root', 'node')], ['node', 'machine']),
      http('response'),
    ],
    verdict: 'open',
    confidence: 'likely',
    says: /a root that Microsoft has not published/,
  },
  {
    name: 'a short chain of an unknown issuer is no interception',
    flow: signIn,
    seen: [onCloud, shaken('login.microsoftonline.com', [leaf('login.microsoftonline.com', 'Some CA 7')], [])],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a mapped name is expected to end in the CA of the site',
    flow: cloudFlow({ target: { address: '127.0.0.1', port: 9443, plannedPort: 443 } }),
    seen: [
      tcp('connected', { address: '127.0.0.1', port: 9443 }),
      tls('established', {
        address: '127.0.0.1',
        port: 9443,
        chain: [leaf('login.microsoftonline.com', 'Lab Root CA'), labRoot],
        anchoredIn: ['site'],
      }),
      http('response'),
    ],
    known: { names: { 'login.microsoftonline.com:443': '127.0.0.1:9443' }, trusted: [labRoot.sha256] },
    verdict: 'open',
    confidence: 'certain',
  },
  {
    name: 'a mapped name under another root is possibly intercepted, or its root is missing',
    flow: cloudFlow({ target: { address: '127.0.0.1', port: 9443, plannedPort: 443 } }),
    seen: [
      tcp('connected', { address: '127.0.0.1', port: 9443 }),
      tls('established', {
        address: '127.0.0.1',
        port: 9443,
        chain: [leaf('login.microsoftonline.com', 'Corp TLS Inspection CA'), strange],
        anchoredIn: [],
      }),
    ],
    known: { names: { 'login.microsoftonline.com': '127.0.0.1:9443' }, trusted: [labRoot.sha256] },
    verdict: 'wrong',
    cause: 'interception-untrusted',
    confidence: 'possible',
    alternatives: ['root-missing'],
  },
  {
    name: 'an own server that the inspector of Microsoft names signed is intercepted too',
    flow: app,
    seen: [
      onApp,
      appTls([leaf(appName, 'Corp TLS Inspection CA'), strange], { anchoredIn: [] }),
      context(resigned('graph.microsoft.com', [], strange)),
    ],
    verdict: 'wrong',
    cause: 'interception-untrusted',
    confidence: 'certain',
  },
  {
    name: 'a leaf that names where its issuer is, and was not asked for it, leaves open what is missing',
    flow: app,
    seen: [
      onApp,
      appTls([leaf(appName, 'Corp Root CA', { caIssuers: ['http://ca.corp.example/issuing.crt'] })], {
        anchoredIn: [],
      }),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a root that is not published leaves TLS by itself in doubt as well',
    flow: cloudFlow({ target: { service: 'tls' } }),
    seen: [
      onCloud,
      shaken('login.microsoftonline.com', [certificate(), root('New Public Root', 'node')], ['node', 'machine']),
    ],
    verdict: 'open',
    confidence: 'likely',
  },
])
