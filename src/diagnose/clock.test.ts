import { app, appName, appTls, labRoot, onApp, onCloud, run, signIn } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { certificate, context, http, leaf, publishedRoot, root, shaken } from '../../test/observed.ts'

/** Judged at 2026-11-20T10:00:05Z by this machine's clock. */
const ended = '2026-11-18T00:00:00.000Z'
const login = (over: Parameters<typeof certificate>[0] = { notAfter: ended }): Draft =>
  shaken('login.microsoftonline.com', [certificate(over), publishedRoot], ['node'])
const other = (name: string, issuer: string, notAfter: string): Draft =>
  context(shaken(name, [leaf(name, issuer, { notAfter }), publishedRoot], ['node']))
const says = (date: string, url = 'https://login.microsoftonline.com/', headers: Record<string, string> = {}): Draft =>
  http('response', { url, headers: { date, ...headers } })
const earlier = 'Mon, 09 Nov 2026 10:00:00 GMT'
const elsewhere = (date: string, name = 'app01.corp.example'): Draft => context(says(date, `http://${name}/`))

run([
  {
    name: 'the clock of the server alone, by which its certificate is valid, makes this machine’s clock possibly wrong',
    flow: signIn,
    seen: [onCloud, login(), says(earlier)],
    verdict: 'blocked',
    cause: 'clock-wrong',
    confidence: 'possible',
    alternatives: ['cert-expired'],
    decidedBy: ['e2', 'e3'],
  },
  {
    name: 'clocks of two organisations that agree make it certain',
    flow: signIn,
    seen: [onCloud, login(), says(earlier), elsewhere(earlier)],
    verdict: 'blocked',
    cause: 'clock-wrong',
    confidence: 'certain',
  },
  {
    name: 'two servers of one organisation are one clock',
    flow: signIn,
    seen: [onCloud, login(), says(earlier), elsewhere(earlier, 'device.login.microsoftonline.com')],
    verdict: 'blocked',
    cause: 'clock-wrong',
    confidence: 'possible',
  },
  {
    name: 'clocks that disagree with each other prove nothing beyond one of them',
    flow: signIn,
    seen: [onCloud, login(), says(earlier), elsewhere('Mon, 02 Nov 2026 10:00:00 GMT')],
    verdict: 'blocked',
    cause: 'clock-wrong',
    confidence: 'possible',
  },
  {
    name: 'a clock that is off and sees the certificate expired as well accuses the certificate',
    flow: app,
    seen: [
      onApp,
      appTls([leaf(appName, 'Lab Root CA', { notAfter: ended }), labRoot]),
      says('Fri, 20 Nov 2026 07:00:00 GMT', `https://${appName}:8443/`),
    ],
    verdict: 'blocked',
    cause: 'cert-expired',
    confidence: 'certain',
    alternatives: [],
    decidedBy: ['e2', 'e3'],
  },
  {
    name: 'a minute is no clock that is wrong, though the certificate ended within it',
    flow: app,
    seen: [
      onApp,
      appTls([leaf(appName, 'Lab Root CA', { notAfter: '2026-11-20T09:59:45.000Z' }), labRoot]),
      says('Fri, 20 Nov 2026 09:59:00 GMT', `https://${appName}:8443/`),
    ],
    verdict: 'blocked',
    cause: 'cert-expired',
    confidence: 'likely',
    alternatives: ['clock-wrong'],
  },
  {
    name: 'one clock that bears this machine’s out clears it',
    flow: signIn,
    seen: [onCloud, login(), says(earlier), elsewhere('Fri, 20 Nov 2026 10:00:00 GMT')],
    verdict: 'blocked',
    cause: 'cert-expired',
    confidence: 'certain',
  },
  {
    name: 'a cached answer tells the time of another day',
    flow: signIn,
    seen: [onCloud, login(), says(earlier, undefined, { age: '950000' })],
    verdict: 'blocked',
    cause: 'cert-expired',
    confidence: 'likely',
  },
  {
    name: 'two certificates that one CA let run out are that CA',
    flow: signIn,
    seen: [onCloud, login({ notAfter: ended, issuer: 'CN=One CA' }), other('graph.microsoft.com', 'One CA', ended)],
    verdict: 'blocked',
    cause: 'cert-expired',
  },
  {
    name: 'so are two under one private root, whichever of its CAs issued them',
    flow: app,
    seen: [
      onApp,
      appTls(
        [leaf(appName, 'Issuing 1', { notAfter: ended }), leaf('Issuing 1', 'Corp Root'), root('Corp Root', 'machine')],
        {
          anchoredIn: ['machine'],
        },
      ),
      context(
        shaken(
          'app.fabrikam.example',
          [
            leaf('app.fabrikam.example', 'Issuing 2', { notAfter: ended }),
            leaf('Issuing 2', 'Corp Root'),
            root('Corp Root', 'machine'),
          ],
          ['machine'],
        ),
      ),
    ],
    verdict: 'blocked',
    cause: 'cert-expired',
  },
  {
    name: 'two of unrelated CAs and organisations are the clock, likely',
    flow: signIn,
    seen: [onCloud, login({ notAfter: ended, issuer: 'CN=One CA' }), other('graph.microsoft.com', 'Two CA', ended)],
    verdict: 'blocked',
    cause: 'clock-wrong',
    confidence: 'likely',
  },
  {
    name: 'two names of one organisation are not',
    flow: signIn,
    seen: [onCloud, login(), other('aadg.microsoftonline.com', 'Two CA', ended)],
    verdict: 'blocked',
    cause: 'cert-expired',
  },
  {
    name: 'a certificate that looks too young beside others is the clock as well',
    flow: signIn,
    seen: [
      onCloud,
      login({ notBefore: '2026-12-01T00:00:00.000Z' }),
      says('Thu, 10 Dec 2026 10:00:00 GMT'),
      elsewhere('Thu, 10 Dec 2026 10:00:02 GMT'),
    ],
    verdict: 'blocked',
    cause: 'clock-wrong',
    confidence: 'certain',
    alternatives: [],
    says: /20 days behind: those of .* agree with each other and not with it$/,
  },
  {
    name: 'a certificate that this machine’s slow clock finds valid is expired by clocks that agree',
    flow: app,
    seen: [
      onApp,
      appTls([leaf(appName, 'Lab Root CA', { notAfter: '2026-12-01T00:00:00.000Z' }), labRoot]),
      says('Thu, 10 Dec 2026 10:00:00 GMT', `https://${appName}:8443/`),
      elsewhere('Thu, 10 Dec 2026 10:00:02 GMT', 'crl.microsoft.com'),
    ],
    verdict: 'blocked',
    cause: 'cert-expired',
    confidence: 'certain',
    says: /9 days ago, by clocks that agree with each other and not with this machine$/,
  },
  {
    name: 'one server whose clock is fast expires nothing',
    flow: app,
    seen: [
      onApp,
      appTls([leaf(appName, 'Lab Root CA', { notAfter: '2026-12-01T00:00:00.000Z' }), labRoot]),
      says('Thu, 10 Dec 2026 10:00:00 GMT', `https://${appName}:8443/`),
    ],
    verdict: 'open',
  },
  {
    name: 'clocks of which one bears this machine’s out expire nothing',
    flow: app,
    seen: [
      onApp,
      appTls([leaf(appName, 'Lab Root CA', { notAfter: '2026-12-01T00:00:00.000Z' }), labRoot]),
      says('Thu, 10 Dec 2026 10:00:00 GMT', `https://${appName}:8443/`),
      elsewhere('Thu, 10 Dec 2026 10:00:02 GMT', 'crl.microsoft.com'),
      elsewhere('Fri, 20 Nov 2026 10:00:00 GMT', 'ocsp.digicert.com'),
    ],
    verdict: 'open',
  },
  {
    name: 'clocks that agree with this machine’s are told as no more than that',
    flow: app,
    seen: [
      onApp,
      appTls([leaf(appName, 'Lab Root CA', { notAfter: ended }), labRoot]),
      says('Fri, 20 Nov 2026 10:00:01 GMT', `https://${appName}:8443/`),
      elsewhere('Fri, 20 Nov 2026 10:00:02 GMT', 'crl.microsoft.com'),
    ],
    verdict: 'blocked',
    cause: 'cert-expired',
    confidence: 'certain',
    says: /2 days ago$/,
  },
  {
    name: 'a third name that is in date beside two that are not clears the clock',
    flow: signIn,
    seen: [
      onCloud,
      login({ notAfter: ended, issuer: 'CN=One CA' }),
      other('graph.microsoft.com', 'Two CA', ended),
      other('www.fabrikam.example', 'Three CA', '2027-01-01T00:00:00.000Z'),
    ],
    verdict: 'blocked',
    cause: 'cert-expired',
  },
])
