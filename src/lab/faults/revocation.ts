import type { Confidence, Owner } from '../../model/cause.ts'
import { knock, readPlain, revokedBy, stateOf } from '../control.ts'
import { type Fault, fault } from '../fault.ts'
import { blockPageAnswers } from '../servers/blockPage.ts'
import { errorAnswers } from '../servers/errorAnswers.ts'
import { type Revocation, revocationAnswers } from '../servers/revocation.ts'
import { appName } from '../site.ts'

interface Told {
  readonly title: string
  readonly breaks: string
  readonly publishes: Revocation
  readonly cause: 'crl-stale' | 'revocation-unreachable'
  readonly confidence?: Confidence
  readonly owner: Owner
  readonly shows: string
}

/** What the issuing authority publishes is other than it should be, and every certificate below it is concerned. */
const publishing = <const Id extends string>(id: Id, told: Told): Fault<Id> =>
  fault({
    id,
    title: told.title,
    breaks: told.breaks,
    expect: {
      flow: 'lab-app',
      verdict: 'degraded',
      cause: told.cause,
      confidence: told.confidence ?? 'certain',
      owner: told.owner,
    },
    consequences: [{ verdict: 'degraded', cause: told.cause }],
    inject: ({ web, pki }) => web.conduct(revocationAnswers(pki, told.publishes)),
    shows: told.shows,
    control: stateOf,
  })

export const revocationFaults = [
  fault({
    id: 'revoked-in-list',
    title: 'certificate on the revocation list',
    breaks: 'The app’s certificate was revoked, and the list of its issuer says so.',
    expect: { flow: 'lab-app', verdict: 'blocked', cause: 'revoked', confidence: 'certain', owner: 'pki' },
    consequences: [],
    inject: ({ app }) => app.conduct('*', { does: 'serve', certificate: 'revoked-in-list' }),
    shows: 'the list',
    control: (network) => revokedBy(network, network.app.door, appName),
  }),
  fault({
    id: 'revoked-at-responder',
    title: 'certificate that the responder calls revoked',
    breaks: 'The app’s certificate was revoked; the responder says so, and the list will say it next week.',
    expect: { flow: 'lab-app', verdict: 'blocked', cause: 'revoked', confidence: 'certain', owner: 'pki' },
    consequences: [],
    inject: ({ app }) => app.conduct('*', { does: 'serve', certificate: 'revoked-at-responder' }),
    shows: 'the responder',
    control: (network) => revokedBy(network, network.app.door, appName),
  }),
  publishing('crl-stale', {
    title: 'revocation list out of date',
    breaks: 'The CA’s job has published nothing since last week: list and answers are a day past their end.',
    publishes: { list: 'stale', responder: 'stale' },
    cause: 'crl-stale',
    owner: 'pki',
    shows: 'list past its end',
  }),
  publishing('revocation-page', {
    title: 'web page in place of the revocation list',
    breaks: 'A web filter answers for the revocation hosts with its own page.',
    publishes: { list: blockPageAnswers, responder: blockPageAnswers },
    cause: 'revocation-unreachable',
    owner: 'proxy',
    shows: 'no list',
  }),
  publishing('revocation-forged', {
    title: 'revocation answers that the CA did not sign',
    breaks: 'List and answers carry the signature of a key that is not the CA’s.',
    publishes: { list: 'forged', responder: 'forged' },
    cause: 'revocation-unreachable',
    owner: 'pki',
    shows: 'list signed by another',
  }),
  publishing('revocation-other', {
    title: 'revocation answers for other certificates',
    breaks: 'The responder answers for another certificate, and the list is that of another CA.',
    publishes: { list: 'other', responder: 'other' },
    cause: 'revocation-unreachable',
    owner: 'pki',
    shows: 'list of another CA',
  }),
  fault({
    id: 'revocation-busy',
    title: 'revocation hosts answer 503',
    breaks: 'The hosts of revocation lists are reached and say that they are busy.',
    expect: {
      flow: 'lab-app',
      verdict: 'degraded',
      cause: 'revocation-unreachable',
      confidence: 'certain',
      owner: 'pki',
    },
    consequences: [{ verdict: 'degraded', cause: 'revocation-unreachable' }],
    inject: ({ web }) => web.conduct(errorAnswers(503)),
    shows: '503',
    control: (network) => readPlain(network, network.web, '/'),
  }),
  fault({
    id: 'revocation-closed',
    title: 'no way to port 80',
    breaks: 'Every connection to port 80 outside is refused: lists and responders cannot be reached.',
    expect: {
      flow: 'lab-app',
      verdict: 'degraded',
      cause: 'revocation-unreachable',
      confidence: 'certain',
      owner: 'firewall',
    },
    consequences: [
      { verdict: 'degraded', cause: 'revocation-unreachable' },
      { verdict: 'blocked', cause: 'refused' },
    ],
    async inject({ web }) {
      await web.shut()
      return () => web.open()
    },
    shows: 'refused',
    control: (network) => knock(network, network.web),
  }),
] as const
