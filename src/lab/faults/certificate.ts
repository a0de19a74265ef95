import type { CauseCode, Owner } from '../../model/cause.ts'
import { shake } from '../control.ts'
import { type Fault, fault } from '../fault.ts'
import type { CertificateKind } from '../servers/pki.ts'
import { appName } from '../site.ts'

interface Told {
  readonly title: string
  readonly breaks: string
  readonly cause: CauseCode
  readonly owner: Owner
  readonly verdict?: 'wrong'
  readonly confidence?: 'likely'
  readonly shows: string
}

/** The app presents a certificate with one thing wrong. */
const certificate = <const Id extends string>(id: Id, kind: CertificateKind, told: Told): Fault<Id> =>
  fault({
    id,
    title: told.title,
    breaks: told.breaks,
    expect: {
      flow: 'lab-app',
      verdict: told.verdict ?? 'blocked',
      cause: told.cause,
      confidence: told.confidence ?? 'certain',
      owner: told.owner,
    },
    consequences: [],
    inject: ({ app }) => app.conduct('*', { does: 'serve', certificate: kind }),
    shows: told.shows,
    control: (network) => shake(network, network.app.door, appName),
  })

export const certificateFaults = [
  certificate('expired', 'expired', {
    title: 'certificate expired',
    breaks: 'The app’s certificate ran out two days ago.',
    cause: 'cert-expired',
    owner: 'pki',
    shows: 'expired',
  }),
  certificate('not-yet-valid', 'not-yet-valid', {
    title: 'certificate not yet valid',
    breaks: 'The app’s certificate begins the day after tomorrow.',
    cause: 'cert-not-yet-valid',
    owner: 'pki',
    shows: 'not yet valid',
  }),
  certificate('wrong-name', 'wrong-name', {
    title: 'certificate of another name',
    breaks: 'The app presents the certificate of the intranet, which does not name the app.',
    cause: 'name-mismatch',
    owner: 'app',
    verdict: 'wrong',
    shows: 'for intranet.corp.example',
  }),
  certificate('private-root', 'private-root', {
    title: 'certificate of a root that nobody trusts',
    breaks: 'The app’s certificate comes from a company root that neither the site file nor this machine knows.',
    cause: 'root-missing',
    owner: 'host',
    shows: 'issued by Corp Forgotten Root CA',
  }),
  certificate('self-signed', 'self-signed', {
    title: 'certificate that nobody issued',
    breaks: 'The app presents a certificate of its own making: the right name, and no authority behind it.',
    cause: 'root-missing',
    owner: 'host',
    shows: `issued by ${appName}`,
  }),
  certificate('wrong-key-usage', 'of-a-client', {
    title: 'certificate that was not issued for a server',
    breaks: 'The app presents a certificate of the right name and CA that was issued for a client.',
    cause: 'wrong-key-usage',
    owner: 'pki',
    shows: 'for clientAuth',
  }),
  certificate('chain-incomplete', 'incomplete', {
    title: 'issuing CA not sent',
    breaks:
      'The app sends its own certificate alone; the missing issuer can be fetched from where the certificate says.',
    cause: 'chain-incomplete',
    owner: 'app',
    shows: 'issuer missing',
  }),
  certificate('chain-orphaned', 'orphaned', {
    title: 'issuing CA neither sent nor named',
    breaks: 'The app sends its own certificate alone, and nothing in it says where the missing issuer is to be had.',
    cause: 'chain-incomplete',
    confidence: 'likely',
    owner: 'app',
    shows: 'issuer missing',
  }),
] as const
